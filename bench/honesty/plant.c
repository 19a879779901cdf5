/* SPDX-License-Identifier: MIT */
/* A command whose time and memory depend on an allocator's settings in a known way: what hakmem-tune must find, and
 * what it must not. For bench/honesty/honesty.
 *
 * plant MILLISECONDS MIB [NAME=VALUE:TIME:MEMORY...]: works for about MILLISECONDS and touches MIB; where the setting
 * NAME has this VALUE, the time of the whole run (its start and its page faults included, which take a third of it on
 * some machines) and the memory are changed by so many percent (TIME: inf for ever). Settings are what $PLANTED_CONF
 * holds (NAME=VALUE,...), or else the folder of the preloaded library (planted-NAME=VALUE,.../): so contenders of
 * `hakmem-tune compare`, which are libraries, have settings too.
 *
 * plant --tell NAME=VALUE:TIME:MEMORY...: prints by how many percent time and memory are changed. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MIB 1048576.0
#define PAGE 4096
#define WINDOW ((size_t)64 * PAGE)

/* The most memory that a rule may ask for, as a part of the whole. */
#define MOST_PART 1.5

/* Of the loop, on a processor of a few GHz: a round figure does. */
#define ROUNDS_PER_MILLISECOND 300000.0

/* The shortest time and the least memory, as a part of the whole. */
#define LEAST_PART 0.01

/* Of the work, as a part of it, by which it is found out how fast the processor is. */
#define TRIAL_PART 0.05

static const char *settings(void)
{
    static const char folder[] = "/planted-";
    const char *conf = getenv("PLANTED_CONF"), *preload = getenv("LD_PRELOAD");
    if (conf)
        return conf;
    const char *found = preload ? strstr(preload, folder) : NULL;
    return found ? found + sizeof folder - 1 : "";
}

/* Whether CONF, which ends with its text or at a '/', has the setting, whose text is LENGTH long. */
static bool has(const char *conf, const char *setting, size_t length)
{
    for (;;) {
        size_t own = strcspn(conf, ",/");
        if (own == length && strncmp(conf, setting, length) == 0)
            return true;
        if (conf[own] != ',')
            return false;
        conf += own + 1;
    }
}

/* Percent of time and memory by all of the RULES that hold. The others are read as well: code that is run brings pages
 * of it into memory, and nothing may differ but what is planted. */
static void add_up(char **rules, double *time, double *memory)
{
    const char *conf = settings();
    *time = *memory = 0;
    for (; *rules; rules++) {
        char *end = *rules + strcspn(*rules, ":");
        bool holds = has(conf, *rules, (size_t)(end - *rules));
        double more_time = strtod(end + (*end == ':'), &end), more_memory = strtod(end + (*end == ':'), NULL);
        *time += holds ? more_time : 0;
        *memory += holds ? more_memory : 0;
    }
}

static double part(double percent)
{
    double whole = 1 + percent / 100;
    return whole < LEAST_PART ? LEAST_PART : whole;
}

/* Writes to each page. The compiler must not know that nobody reads it. */
static void touch(volatile char *memory, size_t size)
{
    for (size_t i = 0; i < size; i += PAGE)
        memory[i] = 1;
}

/* Takes BYTES, which stay until the end, so that the peak holds them. For what they are less than MOST as many pages
 * come and go in a window: how much memory there is makes no difference to the time. */
static bool take(double bytes, double most)
{
    size_t size = (size_t)bytes;
    char *memory = mmap(NULL, size + WINDOW, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    madvise(memory, size + WINDOW, MADV_NOHUGEPAGE);
    touch(memory, size);
    for (double rest = most - bytes; rest >= WINDOW; rest -= WINDOW) {
        touch(memory + size, WINDOW);
        madvise(memory + size, WINDOW, MADV_DONTNEED);
    }
    return true;
}

/* Processor time of this process so far, in milliseconds. */
static double spent(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Each round waits for the one before: nothing but the processor's clock decides how long they take. */
static uint64_t go_round(uint64_t state, double rounds)
{
    for (uint64_t i = 0, end = (uint64_t)rounds; i < end; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    return state;
}

/* Works for MILLISECONDS, and for so much longer or shorter as makes the whole run, what came before included, PART of
 * what it would be. For ever where that takes infinitely long. */
static uint64_t work(double milliseconds, double part)
{
    while (isinf(part))
        pause();
    double rounds = milliseconds * ROUNDS_PER_MILLISECOND, trial = rounds * TRIAL_PART, before = spent();
    uint64_t state = go_round(88172645463325252u, trial);
    double per_millisecond = trial / (spent() - before),
           rest = rounds * part - trial + before * (part - 1) * per_millisecond;
    return go_round(state, rest > 0 ? rest : 0);
}

int main(int argc, char **argv)
{
    double time, memory;
    if (argc >= 2 && strcmp(argv[1], "--tell") == 0) {
        add_up(argv + 2, &time, &memory);
        printf("%g %g\n", time, memory);
        return 0;
    }
    if (argc < 3) {
        fputs("plant: expected MILLISECONDS MIB [NAME=VALUE:TIME:MEMORY...]\n", stderr);
        return 2;
    }
    add_up(argv + 3, &time, &memory);
    double bytes = floor(strtod(argv[2], NULL) * MIB / PAGE) * PAGE;
    if (!take(floor(bytes * part(memory) / PAGE) * PAGE, bytes * MOST_PART))
        return 1;
    return work(strtod(argv[1], NULL), part(time)) == 0; /* which it never is */
}
