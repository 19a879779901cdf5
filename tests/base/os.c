/* SPDX-License-Identifier: MIT */
/* The system calls: what they promise, and that refusals leave errno alone. */
#include "lib/base/os.h"

#include "tests/base/child.h"
#include "tests/base/start_os.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/auxv.h>
#include <time.h>

#define MIB ((size_t)1 << 20)

/* The C library's, in whose place this one stands, but for what is hidden. */
static bool hide_vdso;
unsigned long getauxval(unsigned long type)
{
    if (hide_vdso && type == AT_SYSINFO_EHDR)
        return 0;
    return ((unsigned long (*)(unsigned long))dlsym(RTLD_NEXT, "getauxval"))(type);
}

static void mapped_memory_is_zero_and_aligned(void **state)
{
    (void)state;
    for (size_t alignment = os_page_bytes; alignment <= 64 * MIB; alignment *= 2) {
        char *memory = os_map_aligned(MIB, alignment);
        assert_int_equal((uintptr_t)memory % alignment, 0);
        assert_int_equal(memory[0] | memory[MIB - 1], 0);
        memory[0] = memory[MIB - 1] = 1;
        os_unmap(memory, MIB);
    }
}

static void refusals_keep_errno(void **state)
{
    (void)state;
    size_t page = os_page_bytes;
    errno = EXDEV;
    assert_null(os_map((size_t)1 << 60));
    assert_null(os_map_aligned(page, (size_t)1 << 60));
    assert_null(os_map_aligned(SIZE_MAX - page + 1, page));
    assert_null(os_map_hugetlb(page, page));
    assert_null(os_reserve((size_t)1 << 60));
    assert_false(os_extend((void *)page, page, 2 * page));
    assert_int_equal(os_resident((void *)page, page), 0);
    (void)os_huge_page_bytes();
    os_unmap((void *)1, 1);
    assert_int_equal(errno, EXDEV);
}

static void what_is_not_there_cannot_be_discarded(void **state)
{
    (void)state;
    skip_in_emulator();
    errno = EXDEV;
    assert_false(os_discard((void *)os_page_bytes, os_page_bytes));
    assert_int_equal(errno, EXDEV);
}

static void discarded_memory_reads_as_zeros(void **state)
{
    (void)state;
    char *memory = os_map(MIB);
    memset(memory, 1, MIB);
    assert_int_equal(os_resident(memory, MIB), MIB);
    os_prefault(memory, MIB); /* keeps what is there */
    assert_int_equal(memory[MIB / 2], 1);
    assert_true(os_discard(memory, MIB));
    assert_int_equal(os_resident(memory, MIB), 0);
    assert_int_equal(memory[MIB / 2], 0);
    os_unmap(memory, MIB);
}

static void prefaulted_memory_is_resident(void **state)
{
    (void)state;
    skip_in_emulator();
    char *memory = os_map(MIB);
    os_prefault(memory, MIB);
    assert_int_equal(os_resident(memory, MIB), MIB);
    os_unmap(memory, MIB);
}

static void moved_mappings_keep_their_content(void **state)
{
    (void)state;
    char *memory = os_map(MIB), *target = os_map(4 * MIB);
    memset(memory, 7, MIB);
    assert_true(os_move(memory, MIB, target, 4 * MIB));
    assert_int_equal(target[0] + target[MIB - 1], 14);
    assert_int_equal(target[MIB] | target[4 * MIB - 1], 0);
    assert_int_equal(os_resident(memory, MIB), 0);
    os_unmap(target, 4 * MIB);
}

/* What the kernel has as several mappings moves as a whole or not at all. */
static void several_mappings_are_not_moved(void **state)
{
    (void)state;
    skip_in_emulator();
    char *memory = os_map(MIB), *target = os_map(MIB);
    memset(memory, 7, MIB);
    assert_int_equal(madvise(memory + MIB / 2, MIB / 2, MADV_DONTFORK), 0);
    errno = EXDEV;
    assert_false(os_move_memory(memory, MIB, target));
    assert_int_equal(errno, EXDEV);
    assert_int_equal(memory[0] + memory[MIB - 1], 14);
    assert_int_equal(target[0] | target[MIB - 1], 0);
    os_unmap(memory, MIB);
    os_unmap(target, MIB);
}

static void mappings_grow_into_free_addresses(void **state)
{
    (void)state;
    skip_in_emulator();
    char *memory = os_map(4 * MIB);
    memset(memory, 7, MIB);
    os_unmap(memory + MIB, 3 * MIB);
    assert_true(os_map_behind(memory, MIB, 2 * MIB));
    assert_int_equal(memory[MIB - 1] + memory[MIB] + memory[2 * MIB - 1], 7);
    assert_false(os_map_behind(memory, MIB, 2 * MIB)); /* in use */
    assert_false(os_extend(memory, MIB, 2 * MIB));
    assert_int_equal(madvise(memory + MIB, MIB, MADV_DONTFORK), 0); /* two of the kernel's mappings */
    assert_true(os_extend(memory, 2 * MIB, 3 * MIB));
    assert_int_equal(memory[MIB - 1] + memory[3 * MIB - 1], 7);
    os_unmap(memory, 3 * MIB);
}

static void locks_in_child(void)
{
#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
    dprintf(STDERR_FILENO, "a sanitizer leaves mlockall out\n");
    _exit(CHILD_SKIPPED);
#endif
    CHILD_CHECK(!os_locks_mappings());
    char *before = os_map(MIB);
    if (mlockall(MCL_FUTURE) != 0) {
        dprintf(STDERR_FILENO, "memory cannot be locked here\n");
        _exit(CHILD_SKIPPED);
    }
    CHILD_CHECK(os_locks_mappings() && !os_is_locked(before));
    char *memory = os_map(2 * os_page_bytes);
    CHILD_CHECK(os_is_locked(memory));
    munlockall();
    CHILD_CHECK(!os_locks_mappings() && !os_is_locked(memory));
}

static void locked_memory_is_known(void **state)
{
    (void)state;
    skip_in_emulator();
    assert_child_passes(locks_in_child);
}

static void the_clock_goes_on(void **state)
{
    (void)state;
    uint64_t before = os_milliseconds();
    usleep(50000);
    assert_true(os_milliseconds() > before);
}

/* Where the clock costs a system call (valgrind shows no vDSO, for one) the processor's counter serves. */
static void the_clock_needs_no_system_call(void **state)
{
    (void)state;
    hide_vdso = true;
    os_start();
    hide_vdso = false;
    uint64_t clock = os_milliseconds();
    usleep(50000);
    uint64_t passed = os_milliseconds() - clock;
    os_start();
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
#if defined __x86_64__ || defined __aarch64__
    assert_true(clock / 1000 != (uint64_t)now.tv_sec); /* another clock: */
#endif
    assert_true(passed > 0 && passed < 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mapped_memory_is_zero_and_aligned),
        cmocka_unit_test(refusals_keep_errno),
        cmocka_unit_test(what_is_not_there_cannot_be_discarded),
        cmocka_unit_test(discarded_memory_reads_as_zeros),
        cmocka_unit_test(prefaulted_memory_is_resident),
        cmocka_unit_test(moved_mappings_keep_their_content),
        cmocka_unit_test(several_mappings_are_not_moved),
        cmocka_unit_test(mappings_grow_into_free_addresses),
        cmocka_unit_test(locked_memory_is_known),
        cmocka_unit_test(the_clock_goes_on),
        cmocka_unit_test(the_clock_needs_no_system_call),
    };
    return cmocka_run_group_tests(tests, start_os, NULL);
}
