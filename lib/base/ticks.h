/* SPDX-License-Identifier: MIT */
/* The processor's counter, for who asks often whether some time has passed: it goes on by the same steps, whose length
 * differs from machine to machine. Any thread. Below: os. */
#ifndef HAK_BASE_TICKS_H
#define HAK_BASE_TICKS_H

#include "lib/base/os.h"

static inline uint64_t ticks_now(void)
{
#if defined __x86_64__
    return __builtin_ia32_rdtsc();
#elif defined __aarch64__
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return os_microseconds();
#endif
}

#endif
