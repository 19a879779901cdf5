/* SPDX-License-Identifier: MIT */
/* The N-th system call of the library fails, for every N that a mixed program reaches; or all of them from the N-th on,
 * until it has ended. Each N is a process of its own. Requests are served or refused with ENOMEM, all blocks keep their
 * bytes, frees keep errno; afterwards everything is served again, and no memory is lost.
 *
 *   refused_calls THREADS          the calls of a program without forks
 *   refused_calls forks THREADS    of one that forks in the middle: so it is with the parent and with each child
 *   refused_calls start            the calls by syscall(2) from before the library's start on, forks among them
 *
 * The profile is that of HAKMEM_PROFILE, or the default; the seed that of HAK_SEED, or 1. */
#include "tests/harness/tap.h"
#include "tests/survive/refusing_kernel.h"
#include "tests/survive/steps.h"

#include <hakmem/hakmem.h>

#include <fcntl.h>
#include <limits.h>
#include <sys/wait.h>

#define STEPS 1200
#define LARGEST ((size_t)6 << 20)
#define LARGE_SHARE 30
/* Processes for one kind at most; where there are more calls than that, every second, third... of them is refused. */
#define MOST_TRIALS 250
#define MOST_TRIALS_WITH_FORKS 40
/* Three forks: each child plays what is left. */
#define FORK_EACH (STEPS / 4)

struct trial {
    unsigned long calls, refusals, requests_refused, forks;
};

static struct steps program;
static unsigned long most_trials = MOST_TRIALS;

static bool wrong(const char *what)
{
    fprintf(stderr, "refused_calls: %s\n", what);
    return false;
}

/* While nothing is allocated: no block is left, and the parts make up the whole. */
static bool nothing_is_lost(void)
{
    struct hak_stats stats;
    hak_stats_get(&stats, sizeof stats);
    uint64_t parts = stats.live_bytes + stats.rounding_bytes + stats.cached_bytes + stats.free_bytes +
                     stats.retained_bytes + stats.metadata_bytes;
    if (stats.live_blocks != 0)
        return wrong("blocks are left after all were freed");
    return parts == stats.total_mapped_bytes || wrong("the parts of the memory do not make up the whole");
}

/* Where nothing is refused any more: the blocks are intact and can be freed, and a program runs. */
static bool is_as_before(void)
{
    struct steps_result result;
    struct steps again = program;
    again.seed++;
    again.may_be_refused = false;
    again.fork_each = 0;
    if (!steps_all_hold() || !steps_release_all())
        return false;
    if (!steps_play(&again, &result) || !steps_all_hold() || !steps_release_all())
        return wrong("afterwards it is not as before");
    return true;
}

/* Blocks that other threads had in hand at the fork are not freed: then not all is accounted for. */
static bool child_ends(unsigned lost)
{
    refusing_kernel_arm(0, 1, 0);
    if (!is_as_before())
        return wrong("in a child");
    return program.threads > 1 || (lost == 0 && nothing_is_lost());
}

static bool live(unsigned kinds, unsigned long first, unsigned long last, struct trial *trial)
{
    struct steps_result result;
    if (kinds != 0)
        refusing_kernel_arm(kinds, first, last);
    bool good = steps_play(&program, &result);
    trial->calls = refusing_kernel_calls();
    trial->refusals = refusing_kernel_refusals();
    trial->requests_refused = result.refused;
    trial->forks = result.forks;
    refusing_kernel_arm(0, 1, 0);
    if (!good || !is_as_before())
        return false;
    hak_malloc_trim(0);
    return nothing_is_lost();
}

/* --- trials ------------------------------------------------------------------------------------------------------- */

/* One process that lives, in a child of its own or as a program of its own. */
typedef bool attempt(unsigned kinds, unsigned long first, unsigned long last, struct trial *trial);

static bool in_child(unsigned kinds, unsigned long first, unsigned long last, struct trial *trial)
{
    int pipe_ends[2], status;
    if (pipe(pipe_ends) != 0)
        return wrong("no pipe");
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        bool good = live(kinds, first, last, trial);
        _exit(write(pipe_ends[1], trial, sizeof *trial) == sizeof *trial && good ? 0 : 1);
    }
    close(pipe_ends[1]);
    bool told = read(pipe_ends[0], trial, sizeof *trial) == sizeof *trial;
    close(pipe_ends[0]);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0 && told;
}

/* The same with the library's start, by this very program (main). */
static bool in_program(unsigned kinds, unsigned long first, unsigned long last, struct trial *trial)
{
    int pipe_ends[2], status;
    char words[3][32], answer[16];
    if (pipe(pipe_ends) != 0)
        return wrong("no pipe");
    snprintf(words[0], sizeof words[0], "%u", kinds);
    snprintf(words[1], sizeof words[1], "%lu", first);
    snprintf(words[2], sizeof words[2], "%lu", last);
    snprintf(answer, sizeof answer, "%d", pipe_ends[1]);
    pid_t child = fork();
    if (child == 0) {
        setenv("REFUSED_KINDS", words[0], 1);
        setenv("REFUSED_FIRST", words[1], 1);
        setenv("REFUSED_LAST", words[2], 1);
        execl("/proc/self/exe", "refused_calls", "life", answer, (char *)NULL);
        _exit(99);
    }
    close(pipe_ends[1]);
    bool told = read(pipe_ends[0], trial, sizeof *trial) == sizeof *trial;
    close(pipe_ends[0]);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0 && told;
}

/* What in_program has started: the environment has armed the kernel. */
static int be_a_life(int answer)
{
    struct trial trial = {0};
    alarm(60);
    fcntl(answer, F_SETFD, FD_CLOEXEC);
    bool good = live(0, 1, 0, &trial);
    return write(answer, &trial, sizeof trial) == sizeof trial && good ? 0 : 1;
}

/* All calls of KINDS, one trial each. */
static void refuse_each(const char *name, attempt *in_process, unsigned kinds, bool all_after_it)
{
    struct trial trial = {0}, sum = {0};
    if (!in_process(kinds, 1, 0, &trial)) {
        tap_ok(false, "%s: the program runs where nothing is refused", name);
        return;
    }
    unsigned long calls = trial.calls, step = calls / most_trials + 1, trials = 0, bad = 0;
    for (unsigned long first = 1; first <= calls; first += step, trials++) {
        trial = (struct trial){0};
        if (!in_process(kinds, first, all_after_it ? ULONG_MAX : first, &trial)) {
            tap_note("%s: number %lu%s", name, first, all_after_it ? " and all after it" : "");
            bad++;
        }
        sum.refusals += trial.refusals;
        sum.requests_refused += trial.requests_refused;
        sum.forks += trial.forks;
    }
    tap_ok(bad == 0 && calls > 0,
           "%s%s: %lu calls, %lu trials, %lu forks, %lu refusals by the kernel, %lu requests refused, %lu trials bad",
           name, all_after_it ? " and all after it" : "", calls, trials, sum.forks, sum.refusals, sum.requests_refused,
           bad);
}

/* One at a time, any kind is each of them; all after it are not. Without forks nobody calls by syscall(2): it is a
 * futex that several threads wait at. */
static void refuse_all_kinds(bool forks)
{
    const unsigned any = (1U << REFUSABLES) - 1, memory = 1U << REFUSABLE_MMAP | 1U << REFUSABLE_MREMAP,
                   back = 1U << REFUSABLE_MUNMAP | 1U << REFUSABLE_MADVISE;
    refuse_each("any call", in_child, any, false);
    refuse_each("any call", in_child, any, true);
    refuse_each("mmap and mremap", in_child, memory, true);
    refuse_each("munmap and madvise", in_child, back, true);
    for (int all_after_it = 0; forks && program.threads > 1 && all_after_it < 2; all_after_it++)
        refuse_each("calls by syscall", in_child, 1U << REFUSABLE_SYSCALL, all_after_it);
}

static void refuse_start(void)
{
    for (int all_after_it = 0; all_after_it < 2; all_after_it++)
        refuse_each("calls by syscall", in_program, 1U << REFUSABLE_SYSCALL, all_after_it);
}

static struct steps steps_of(const char *threads, bool forks)
{
    const char *seed = getenv("HAK_SEED");
    return (struct steps){.seed = seed != NULL ? strtoull(seed, NULL, 10) : 1,
                          .count = STEPS,
                          .threads = (unsigned)atoi(threads),
                          .largest = LARGEST,
                          .large_share = LARGE_SHARE,
                          .may_be_refused = true,
                          .fork_each = forks ? FORK_EACH : 0,
                          .child_ends = child_ends};
}

int main(int argc, char **argv)
{
    bool life = argc == 3 && strcmp(argv[1], "life") == 0, start = argc == 2 && strcmp(argv[1], "start") == 0,
         forks = argc == 3 && strcmp(argv[1], "forks") == 0;
    if (argc < 2 || argc > 3)
        return 99;
    program = steps_of(life || start ? "4" : argv[argc - 1], life || start || forks);
    if (program.threads == 0 || program.threads > STEPS_MOST_THREADS)
        return 99;
    if (life)
        return be_a_life(atoi(argv[2]));
    if (forks)
        most_trials = MOST_TRIALS_WITH_FORKS;
    tap_note("seed %llu, %u threads", (unsigned long long)program.seed, program.threads);
    if (start)
        refuse_start();
    else
        refuse_all_kinds(forks);
    return tap_done();
}
