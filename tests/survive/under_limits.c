/* SPDX-License-Identifier: MIT */
/* Random use of the whole API (steps.h) under limits of the kernel's own: requests are served or refused with ENOMEM,
 * all blocks keep their bytes, frees keep errno; and where the limit can be lifted, everything is served again
 * afterwards.
 *
 *   under_limits as MIB           so many MiB of addresses (RLIMIT_AS), mappings of the program's start included
 *   under_limits maps LEFT        all mappings that the kernel lets a process have (vm.max_map_count), but for LEFT
 *   under_limits files 0          no file can be opened (RLIMIT_NOFILE)
 *   under_limits CALL ERROR       madvise, mremap, mprotect or prctl answers with this error number (seccomp)
 *   under_limits nothing 0        for a limit that the caller has set */
#include "tests/harness/tap.h"
#include "tests/survive/steps.h"

#include <hakmem/hakmem.h>

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#if __has_include(<linux/filter.h>)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#endif

#define MIB ((size_t)1 << 20)
#define STEPS 40000
#define THREADS 4

static bool limit(int resource, rlim_t most)
{
    struct rlimit limits;
    if (getrlimit(resource, &limits) != 0)
        return false;
    limits.rlim_cur = most < limits.rlim_max ? most : limits.rlim_max;
    return setrlimit(resource, &limits) == 0;
}

/* --- as many mappings as the kernel allows ------------------------------------------------------------------------ */

#define PAGES ((size_t)1 << 18) /* of the program's own: more than any usual limit */

static char *pages;
static size_t page_bytes;

/* Every second page gets another protection, and is a mapping of its own by that, until the kernel refuses; then LEFT
 * of them are joined again. */
static bool use_up_mappings(size_t left)
{
    size_t i = 1;
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    pages = mmap(NULL, PAGES * page_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return false;
    while (i < PAGES && mprotect(pages + i * page_bytes, page_bytes, PROT_READ) == 0)
        i += 2;
    if (i >= PAGES)
        return false;
    for (size_t joined = 0; joined < left && i > 2; joined += 2)
        mprotect(pages + (i -= 2) * page_bytes, page_bytes, PROT_NONE);
    return true;
}

static void give_mappings_back(void)
{
    munmap(pages, PAGES * page_bytes);
}

/* --- answers of system calls ---------------------------------------------------------------------------------------
 */

#if __has_include(<linux/filter.h>)
static bool refuse(const char *name, unsigned error)
{
    static const struct {
        const char *name;
        unsigned number;
    } known[] = {{"madvise", SYS_madvise}, {"mremap", SYS_mremap}, {"mprotect", SYS_mprotect}, {"prctl", SYS_prctl}};
    unsigned number = ~0U;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            number = known[i].number;
    struct sock_filter code[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    struct sock_fprog filter = {sizeof code / sizeof *code, code};
    return number != ~0U && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}
#else
static bool refuse(const char *name, unsigned error)
{
    (void)name;
    (void)error;
    errno = ENOSYS;
    return false;
}
#endif

/* --- what is tested ----------------------------------------------------------------------------------------------- */

static bool set(const char *kind, size_t value)
{
    if (strcmp(kind, "as") == 0)
        return limit(RLIMIT_AS, value * MIB);
    if (strcmp(kind, "maps") == 0)
        return use_up_mappings(value);
    if (strcmp(kind, "files") == 0)
        return limit(RLIMIT_NOFILE, value);
    return strcmp(kind, "nothing") == 0 || refuse(kind, (unsigned)value);
}

static void lift(const char *kind)
{
    if (strcmp(kind, "as") == 0)
        limit(RLIMIT_AS, RLIM_INFINITY);
    if (strcmp(kind, "maps") == 0)
        give_mappings_back();
}

/* Threads have stacks, which the limits would refuse. */
static bool leaves_room_for_threads(const char *kind)
{
    return strcmp(kind, "as") != 0 && strcmp(kind, "maps") != 0 && strcmp(kind, "mprotect") != 0;
}

/* Whether the limit is one on guard pages, and the profile has any. */
static bool refuses_guard_pages(const char *kind)
{
    char value[16];
    return strcmp(kind, "maps") == 0 && hak_profile_value("security.guard_pages", value, sizeof value) > 0 &&
           strcmp(value, "true") == 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 99;
    const char *kind = argv[1];
    struct steps_result limited, after;
    struct steps steps = {.seed = 7,
                          .count = STEPS,
                          .threads = leaves_room_for_threads(kind) ? THREADS : 1,
                          .largest = 4 * MIB,
                          .large_share = 4};
    if (tap_in_emulator()) {
        tap_skip("limits would be the emulator's");
        return tap_done();
    }
    if (!set(kind, (size_t)atol(argv[2]))) {
        tap_skip("the limit cannot be set here (errno %d)", errno);
        return tap_done();
    }
    steps.may_be_refused = !leaves_room_for_threads(kind);
    bool good = steps_play(&steps, &limited) && steps_all_hold();
    tap_ok(good, "%s %s: %llu of %llu steps' requests refused, all blocks intact, errno kept", kind, argv[2],
           (unsigned long long)limited.refused, (unsigned long long)limited.played);
    tap_ok(steps_release_all(), "all blocks are freed under the limit");
    lift(kind);
    steps.may_be_refused = false;
    steps.seed++;
    good = steps_play(&steps, &after) && steps_all_hold() && steps_release_all();
    tap_ok(good, "afterwards all of %llu steps are served", (unsigned long long)after.played);
    struct hak_stats stats;
    hak_stats_get(&stats, sizeof stats);
    tap_ok(stats.live_blocks == 0, "no block is left");
    tap_ok((stats.guard_refusals > 0) == refuses_guard_pages(kind), "%llu guard pages were refused, and are counted",
           (unsigned long long)stats.guard_refusals);
    return tap_done();
}
