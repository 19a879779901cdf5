/* SPDX-License-Identifier: MIT */
#include "lib/base/os.h"

#include "lib/base/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7 */
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

size_t os_page_bytes = 4096;

/* All below: const after os_start. */
static size_t huge_page_bytes;
static bool huge_pages_are_switched_off;
static bool clock_is_in_kernel; /* there is no vDSO to read it without a system call */

/* Reads the start of a small file of the kernel's into TEXT; false where there is none. By syscall(2), which unlike
 * open, read and close is no cancellation point, and is one page of the C library in place of several. */
static bool read_setting(const char *path, char *text, size_t size)
{
    int saved = errno;
    long file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC), length = 0;
    if (file >= 0) {
        length = syscall(SYS_read, file, text, size - 1);
        syscall(SYS_close, file);
    }
    text[length > 0 ? length : 0] = '\0';
    errno = saved;
    return length > 0;
}

/* A transparent huge page is what one page of page-table entries stands for; elsewhere the kernel is asked. Each
 * file that is opened takes a program's start some 15 us. */
#if defined __x86_64__ || defined __aarch64__ || defined __riscv
#define TABLE_ENTRY_BYTES 8
static size_t read_huge_page_bytes(void)
{
    return os_page_bytes / TABLE_ENTRY_BYTES * os_page_bytes;
}
#else
static size_t read_huge_page_bytes(void)
{
    char digits[32];
    read_setting("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", digits, sizeof digits);
    size_t bytes = 0;
    for (const char *digit = digits; *digit >= '0' && *digit <= '9'; digit++)
        bytes = 10 * bytes + (size_t)(*digit - '0');
    return (bytes & (bytes - 1)) == 0 ? bytes : 0;
}
#endif

static void read_huge_page_settings(void)
{
    char words[64];
    if (!read_setting("/sys/kernel/mm/transparent_hugepage/enabled", words, sizeof words))
        return;
    huge_page_bytes = read_huge_page_bytes();
    for (const char *word = words; *word != '\0'; word++) /* the word that holds is in brackets */
        huge_pages_are_switched_off |= word[0] == '[' && word[1] == 'n';
}

void os_start(void)
{
    unsigned long bytes =
        getauxval(AT_PAGESZ); /* sysconf knows it from there, but brings pages of the C library's text into memory */
    if (bytes > 0)
        os_page_bytes = bytes;
    clock_is_in_kernel = getauxval(AT_SYSINFO_EHDR) == 0;
    read_huge_page_settings();
}

size_t os_huge_page_bytes(void)
{
    return huge_page_bytes;
}

bool os_huge_pages_are_switched_off(void)
{
    return huge_pages_are_switched_off;
}

static void *map_for(int protection, void *address, size_t bytes, int flags)
{
    int saved = errno;
    void *result = mmap(address, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    errno = saved;
    return result == MAP_FAILED ? NULL : result;
}

static void *map(void *address, size_t bytes, int flags)
{
    return map_for(PROT_READ | PROT_WRITE, address, bytes, flags);
}

/* MADV_DONTNEED may have to be asked again; where the answer stays the same (a sandbox's, say) that is a refusal. */
#define ADVISE_TRIES 8

static bool advise(void *address, size_t bytes, int advice)
{
    int saved = errno;
    int result;
    unsigned tries = advice == MADV_DONTNEED ? ADVISE_TRIES : 1;
    do
        result = madvise(address, bytes, advice);
    while (result != 0 && errno == EAGAIN && --tries > 0);
    errno = saved;
    return result == 0;
}

void *os_map(size_t bytes)
{
    return map(NULL, bytes, 0);
}

void *os_map_sparse(size_t bytes)
{
    void *address = os_map(bytes);
    if (address != NULL)
        advise(address, bytes, MADV_NOHUGEPAGE); /* where the system's setting is "always" */
    return address;
}

void *os_reserve(size_t bytes)
{
    void *address = map_for(PROT_READ, NULL, bytes, MAP_NORESERVE);
    if (address != NULL) {
        advise(address, bytes, MADV_NOHUGEPAGE); /* where the system's setting is "always" */
        os_set_dumped(address, bytes, false);
    }
    return address;
}

bool os_make_writable(void *address, size_t bytes)
{
    int saved = errno;
    bool done = mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0;
    errno = saved;
    return done;
}

void os_unmap(void *address, size_t bytes)
{
    int saved = errno;
    munmap(address, bytes);
    errno = saved;
}

static bool is_aligned(const void *address, size_t alignment)
{
    return ((uintptr_t)address & (alignment - 1)) == 0;
}

/* Cuts an aligned piece of BYTES out of a mapping of BYTES + ALIGNMENT and gives the rest back. */
static void *trim(char *mapping, size_t bytes, size_t alignment)
{
    char *start = (char *)round_up((uintptr_t)mapping, alignment);
    size_t before = (size_t)(start - mapping);
    if (before != 0)
        os_unmap(mapping, before);
    if (before != alignment)
        os_unmap(start + bytes, alignment - before);
    return start;
}

void *os_map_aligned(size_t bytes, size_t alignment)
{
    /* The kernel places mappings one below the other, so after the first aligned one the next of the same size is
     * aligned as well. */
    char *mapping = map(NULL, bytes, 0);
    if (mapping == NULL || is_aligned(mapping, alignment))
        return mapping;
    os_unmap(mapping, bytes);
    if (bytes + alignment < bytes)
        return NULL;
    mapping = map(NULL, bytes + alignment, 0);
    return mapping == NULL ? NULL : trim(mapping, bytes, alignment);
}

void *os_map_hugetlb(size_t bytes, size_t alignment)
{
    size_t huge = os_huge_page_bytes();
    if (huge == 0 || bytes % huge != 0) /* the kernel would round up, and then refuse to unmap what was asked for */
        return NULL;
    char *mapping = map(NULL, bytes, MAP_HUGETLB | __builtin_ctzl(huge) << MAP_HUGE_SHIFT);
    if (mapping != NULL && !is_aligned(mapping, alignment)) {
        os_unmap(mapping, bytes);
        return NULL;
    }
    return mapping;
}

bool os_discard(void *address, size_t bytes)
{
    return advise(address, bytes, MADV_DONTNEED);
}

void os_drop_file(void *address, size_t bytes)
{
    advise(address, bytes, MADV_RANDOM);
    advise(address, bytes, MADV_DONTNEED);
}

bool os_discard_lazily(void *address, size_t bytes)
{
    return advise(address, bytes, MADV_FREE);
}

/* The kernel refuses to discard locked memory. */
bool os_is_locked(void *address)
{
    return !advise(address, os_page_bytes, MADV_DONTNEED);
}

bool os_locks_mappings(void)
{
    void *mapping = os_map(os_page_bytes);
    if (mapping == NULL)
        return false;
    bool locked = os_is_locked(mapping);
    os_unmap(mapping, os_page_bytes);
    return locked;
}

void os_set_dumped(void *address, size_t bytes, bool dumped)
{
    advise(address, bytes, dumped ? MADV_DODUMP : MADV_DONTDUMP);
}

bool os_advise_huge(void *address, size_t bytes, bool huge)
{
    return advise(address, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

bool os_collapse(void *address, size_t bytes)
{
    size_t huge = os_huge_page_bytes();
    return huge != 0 && bytes % huge == 0 && advise(address, bytes, MADV_COLLAPSE);
}

void os_touch(void *address, size_t bytes, size_t step)
{
    for (size_t offset = 0; offset < bytes; offset += step) {
        volatile char *byte = (char *)address + offset;
        /* cppcheck-suppress selfAssignment ; a write makes the page ours */
        *byte = *byte;
    }
}

void os_prefault(void *address, size_t bytes)
{
    if (!advise(address, bytes, MADV_POPULATE_WRITE))
        os_touch(address, bytes, os_page_bytes);
}

bool os_move(void *address, size_t old_bytes, void *target, size_t new_bytes)
{
    int saved = errno;
    void *result = mremap(address, old_bytes, new_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    errno = saved;
    return result != MAP_FAILED;
}

/* Whether BYTES at ADDRESS are several mappings of the kernel's. It refuses to let those grow, with an error of its
 * own; one mapping may have grown by a page. */
static bool are_several_mappings(char *address, size_t bytes)
{
    int saved = errno;
    bool has_grown = mremap(address, bytes, bytes + os_page_bytes, 0) != MAP_FAILED, several = errno == EFAULT;
    if (has_grown)
        munmap(address + bytes, os_page_bytes);
    errno = saved;
    return !has_grown && several;
}

bool os_move_memory(void *address, size_t bytes, void *target)
{
    if (are_several_mappings(address, bytes)) /* Linux 6.17 moves them one by one, and may stop in the middle */
        return false;
    int saved = errno;
    void *result = mremap(address, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, target);
    if (result != MAP_FAILED) /* a fresh mapping, one with those beside it again; an emulator may have unmapped it */
        map(address, bytes, MAP_FIXED);
    errno = saved;
    return result != MAP_FAILED;
}

/* The last page stands for the mapping that it is in: only that one can grow. */
bool os_extend(void *address, size_t old_bytes, size_t new_bytes)
{
    int saved = errno;
    char *last_page = (char *)address + old_bytes - os_page_bytes;
    void *result = mremap(last_page, os_page_bytes, os_page_bytes + new_bytes - old_bytes, 0);
    errno = saved;
    return result != MAP_FAILED;
}

bool os_map_behind(void *address, size_t old_bytes, size_t new_bytes)
{
    char *wanted = (char *)address + old_bytes;
    size_t bytes = new_bytes - old_bytes;
    char *got = map(wanted, bytes, MAP_FIXED_NOREPLACE);
    if (got != NULL && got != wanted) /* before Linux 4.17 the address is a hint */
        os_unmap(got, bytes);
    return got == wanted;
}

size_t os_resident(const void *address, size_t bytes)
{
    enum { PAGES_AT_ONCE = 1024 }; /* a signal handler may have little stack */
    unsigned char seen[PAGES_AT_ONCE];
    int saved = errno;
    size_t resident = 0;
    for (size_t offset = 0; offset < bytes;) {
        size_t step = size_minimum(bytes - offset, PAGES_AT_ONCE * os_page_bytes);
        if (mincore((char *)(uintptr_t)address + offset, step, seen) != 0)
            break;
        for (size_t page = 0; page < (step + os_page_bytes - 1) / os_page_bytes; page++)
            resident += (seen[page] & 1) != 0 ? os_page_bytes : 0;
        offset += step;
    }
    errno = saved;
    return resident;
}

/* A processor's own counter of time, in milliseconds or about as long: of x86-64's clock cycles the system says nowhere
 * how many there are per second, and 2^21 are a millisecond at 2.1 GHz. */
#if defined __x86_64__
#define HAVE_COUNTER 1
static uint64_t counter_milliseconds(void)
{
    return __builtin_ia32_rdtsc() >> 21;
}
#elif defined __aarch64__
#define HAVE_COUNTER 1
static uint64_t counter_milliseconds(void)
{
    uint64_t ticks, ticks_per_second;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    __asm__("mrs %0, cntfrq_el0" : "=r"(ticks_per_second));
    return ticks_per_second >= 1000 ? ticks / (ticks_per_second / 1000) : ticks;
}
#else
#define HAVE_COUNTER 0
static uint64_t counter_milliseconds(void)
{
    return 0;
}
#endif

uint64_t os_milliseconds(void)
{
    if (UNLIKELY(HAVE_COUNTER && clock_is_in_kernel))
        return counter_milliseconds();
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t os_microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* futex(2)'s operations. Not every C library comes with the kernel's headers. */
#define WAIT_PRIVATELY 128
#define WAKE_PRIVATELY 129

bool os_wait(_Atomic uint32_t *word, uint32_t value, unsigned milliseconds)
{
    struct timespec most = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    int saved = errno;
    bool timed_out = syscall(SYS_futex, word, WAIT_PRIVATELY, value, &most, NULL, 0) != 0 && errno == ETIMEDOUT;
    errno = saved;
    return !timed_out;
}

void os_wake(_Atomic uint32_t *word)
{
    int saved = errno;
    syscall(SYS_futex, word, WAKE_PRIVATELY, INT_MAX, NULL, NULL, 0);
    errno = saved;
}
