/* SPDX-License-Identifier: MIT */
/* A kernel that refuses: the system calls that the library makes through the C library are counted, and those of a
 * range fail as the kernel's do. The program that has this file stands before the C library's functions; what that
 * calls for itself does not come here. Any thread may call anything.
 *
 * The calls of the start are refused where the environment says so: REFUSED_KINDS, REFUSED_FIRST and REFUSED_LAST are
 * refusing_kernel_arm's arguments. */
#ifndef HAK_TESTS_REFUSING_KERNEL_H
#define HAK_TESTS_REFUSING_KERNEL_H

enum refusable {
    REFUSABLE_MMAP,
    REFUSABLE_MUNMAP,
    REFUSABLE_MADVISE,
    REFUSABLE_MPROTECT,
    REFUSABLE_MREMAP,
    REFUSABLE_MINCORE,
    REFUSABLE_SYSCALL, /* what is called by syscall(2): openat, read and close at the start, futex in a fork */
    REFUSABLES
};

/* Counts anew from 1, and refuses the calls FIRST to LAST of the kinds in the bit set KINDS, which alone are counted.
 */
void refusing_kernel_arm(unsigned kinds, unsigned long first, unsigned long last);
/* Since then. */
unsigned long refusing_kernel_calls(void);
unsigned long refusing_kernel_refusals(void);

#endif
