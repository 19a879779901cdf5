/* SPDX-License-Identifier: MIT */
/* A program whose figures are known, for tests/race/sample. Its first argument says what it does:
 *   nothing                    ends at once
 *   hold MIB MS                has MIB for MS of its processor time, after as long without
 *   lazy MIB MS                frees MIB lazily, and spins, at least three times as long as it took to write them
 *   copies COUNT MIB MS        has COUNT children that share what it has written
 *   pair MIB                   two children have MIB each at the same time, and end then
 *   touch COUNT                writes to so many pages
 *   nap COUNT                  sleeps as often
 *   print TEXT...              writes TEXTs to standard output and standard error by turns, no newlines of its own
 *   flood MIB                  writes lines of so much, in each of which is a number, 1 less than in the last one */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t processor_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void spin(int64_t ms)
{
    int64_t end = processor_ms() + ms;
    while (processor_ms() < end)
        continue;
}

static char *map(size_t bytes)
{
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    madvise(memory, bytes, MADV_NOHUGEPAGE);
    return memory;
}

static char *fill(long mib)
{
    size_t bytes = (size_t)mib << 20;
    return memset(map(bytes), 1, bytes);
}

static void lazy(long mib, int64_t ms)
{
    madvise(fill(mib), (size_t)mib << 20, MADV_FREE);
    int64_t took = processor_ms();
    spin(ms > 3 * took ? ms : 3 * took);
}

static void copies(int count, long mib, long ms)
{
    fill(mib);
    for (int i = 0; i < count; i++)
        if (fork() == 0) {
            spin(ms);
            _exit(0);
        }
    while (wait(NULL) > 0)
        continue;
}

/* Each waits until the other has filled its own. */
static void pair(long mib)
{
    int ready[2][2];
    if (pipe(ready[0]) != 0 || pipe(ready[1]) != 0)
        exit(1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            char letter = 'x';
            fill(mib);
            _exit(write(ready[i][1], &letter, 1) != 1 || read(ready[1 - i][0], &letter, 1) != 1);
        }
    while (wait(NULL) > 0)
        continue;
}

static void touch(long count)
{
    char *memory = map((size_t)count * 4096);
    for (long i = 0; i < count; i++)
        memory[i * 4096] = 1;
}

static void print(char **texts)
{
    for (int i = 0; texts[i]; i++)
        if (write(1 + i % 2, texts[i], strlen(texts[i])) < 0)
            exit(1);
}

static void flood(long mib)
{
    for (long left = (mib << 20) / 1024; left > 0; left--)
        printf("%01011ld left: %ld\n", 0l, left);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    long number[3] = {0};
    for (int i = 0; i < 3 && i + 2 < argc; i++)
        number[i] = atol(argv[i + 2]);
    if (strcmp(what, "hold") == 0)
        spin(number[1]), fill(number[0]), spin(number[1]);
    else if (strcmp(what, "lazy") == 0)
        lazy(number[0], number[1]);
    else if (strcmp(what, "copies") == 0)
        copies((int)number[0], number[1], number[2]);
    else if (strcmp(what, "pair") == 0)
        pair(number[0]);
    else if (strcmp(what, "touch") == 0)
        touch(number[0]);
    else if (strcmp(what, "print") == 0)
        print(argv + 2);
    else if (strcmp(what, "flood") == 0)
        flood(number[0]);
    for (long i = 0; strcmp(what, "nap") == 0 && i < number[0]; i++)
        usleep(1000);
    return 0;
}
