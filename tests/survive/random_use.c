/* SPDX-License-Identifier: MIT */
/* Random use of the whole API from several threads, against a shadow map (steps.h). A process plays each seed; where
 * one finds something wrong, or ends by a signal, the steps are thrown out one after the other as long as it stays
 * wrong, and those that are left are printed.
 *
 *   random_use [--planted] THREADS STEPS SEED...
 *
 * --planted makes the allocator's realloc wrong, to see the tester find it. The results are TAP. */
#include "tests/harness/tap.h"
#include "tests/survive/steps.h"

#include <hakmem/hakmem.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* Steps of one process: as many numbers are kept when the program is made shorter. */
#define STEPS_AT_ONCE 1000000
/* A wrong program of several threads is not wrong each time. */
#define TRIES 5
/* Shorter programs that are tried at most: a minute. */
#define MOST_ATTEMPTS 3000

/* Shared with the child that plays. */
static struct shared {
    struct steps_result result;
} * shared;

static bool wrong_in_child(const struct steps *steps, bool silent)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        int nowhere = silent ? open("/dev/null", O_WRONLY) : -1;
        if (nowhere >= 0)
            dup2(nowhere, STDERR_FILENO);
        alarm(300);
        bool good = steps_play(steps, &shared->result) && steps_all_hold() && steps_release_all();
        struct hak_stats stats;
        hak_stats_get(&stats, sizeof stats);
        if (good && stats.live_blocks != 0) {
            fprintf(stderr, "random_use: %llu blocks are left\n", (unsigned long long)stats.live_blocks);
            good = false;
        }
        _exit(good ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    if (!silent && WIFSIGNALED(status))
        fprintf(stderr, "random_use: ended by signal %d\n", WTERMSIG(status));
    return status != 0;
}

static bool still_wrong(const struct steps *steps)
{
    for (unsigned i = 0; i < (steps->threads > 1 ? TRIES : 1); i++)
        if (wrong_in_child(steps, true))
            return true;
    return false;
}

/* Throws pieces out of STEPS, of half of the program first and of one step in the end, that it is wrong without. */
static void shorten(struct steps *steps, uint32_t *numbers)
{
    static uint32_t shorter[STEPS_AT_ONCE];
    unsigned attempts = 0;
    for (uint64_t piece = (steps->count + 1) / 2; piece > 0; piece = piece == 1 ? 0 : (piece + 1) / 2) {
        for (uint64_t at = 0; at < steps->count && attempts < MOST_ATTEMPTS;) {
            uint64_t out = at + piece < steps->count ? piece : steps->count - at;
            struct steps attempt = *steps;
            memcpy(shorter, numbers, at * sizeof *numbers);
            memcpy(shorter + at, numbers + at + out, (steps->count - at - out) * sizeof *numbers);
            attempt.numbers = shorter;
            attempt.count -= out;
            attempts++;
            if (still_wrong(&attempt)) {
                memcpy(numbers, shorter, attempt.count * sizeof *numbers);
                steps->count = attempt.count;
            } else {
                at += piece;
            }
        }
    }
}

static void print_shortest(struct steps steps)
{
    static uint32_t numbers[STEPS_AT_ONCE];
    if (steps.threads == 1 && shared->result.wrong_step < steps.count)
        steps.count = shared->result.wrong_step + 1;
    for (uint64_t i = 0; i < steps.count; i++)
        numbers[i] = (uint32_t)i;
    steps.numbers = numbers;
    if (!still_wrong(&steps)) {
        tap_note("it is not wrong each time");
        return;
    }
    shorten(&steps, numbers);
    printf("# %llu steps are enough:\n", (unsigned long long)steps.count);
    for (uint64_t i = 0; i < steps.count; i++) {
        printf("#   ");
        steps_describe(&steps, numbers[i], stdout);
    }
    fflush(stdout);
}

/* COUNT steps, so many at once as can be made shorter. */
static void play(struct steps steps, uint64_t count)
{
    uint64_t played = 0;
    for (uint64_t done = 0; done < count; done += steps.count, steps.seed += UINT64_C(1) << 32) {
        steps.count = count - done < STEPS_AT_ONCE ? count - done : STEPS_AT_ONCE;
        if (wrong_in_child(&steps, false)) {
            print_shortest(steps);
            tap_ok(false, "seed %llu, %u threads", (unsigned long long)steps.seed, steps.threads);
            return;
        }
        played += shared->result.played;
    }
    tap_ok(true, "seed %llu, %u threads: %llu steps", (unsigned long long)steps.seed % (UINT64_C(1) << 32),
           steps.threads, (unsigned long long)played);
}

int main(int argc, char **argv)
{
    struct steps steps = {.largest = (size_t)4 << 20, .large_share = 2};
    if (argc > 1 && strcmp(argv[1], "--planted") == 0) {
        steps.planted = true;
        argc--;
        argv++;
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    steps.threads = argc > 3 ? (unsigned)atoi(argv[1]) : 0;
    if (shared == MAP_FAILED || steps.threads == 0 || steps.threads > STEPS_MOST_THREADS) {
        fprintf(stderr, "random_use: expected [--planted] THREADS STEPS SEED..., with 1 to %d threads\n",
                STEPS_MOST_THREADS);
        return 99;
    }
    for (int i = 3; i < argc; i++) {
        steps.seed = strtoull(argv[i], NULL, 10);
        play(steps, strtoull(argv[2], NULL, 10));
    }
    return tap_done();
}
