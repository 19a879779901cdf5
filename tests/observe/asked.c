/* SPDX-License-Identifier: MIT */
/* A process that is asked for its statistics by a signal, while it does something else:
 *
 *   asked wait                sits in epoll_wait until standard input ends
 *   asked allocate SECONDS    threads take and give blocks, most of them by the slow paths
 *   asked fork SECONDS        forks meanwhile
 *   asked load SECONDS FILE   loads and unloads FILE
 *   asked own                 has a handler of its own, and says so when it was called
 *   asked small               has little stack: a thread of the smallest size is signalled
 *
 * But for "wait" it signals itself, HAKMEM_STATS_SIGNAL being USR2, and prints how often. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 4
/* A signal's frame alone is longer than the 2 KiB that musl allows, where the processor has wide registers. */
#define SHORT_STACK 16384L

static _Atomic int over;
static _Atomic unsigned long signals;

static void sleep_for(long microseconds)
{
    struct timespec pause = {.tv_nsec = microseconds * 1000};
    while (nanosleep(&pause, &pause) != 0 && errno == EINTR)
        ;
}

static int wait_for_input(void)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLHUP};
    int queue = epoll_create1(0);
    if (queue < 0 || epoll_ctl(queue, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0)
        return 1;
    printf("waiting %d\n", (int)getpid());
    fflush(stdout);
    while (epoll_wait(queue, &event, 1, -1) < 0)
        if (errno != EINTR)
            return 1;
    return 0;
}

/* --- what is interrupted ------------------------------------------------------------------------------------------ */

static void *allocate(void *argument)
{
    unsigned random = (unsigned)(size_t)argument;
    void *blocks[64] = {NULL};
    while (!over) {
        size_t bytes = rand_r(&random) % 4 == 0 ? 100000u + rand_r(&random) % 3000000u : rand_r(&random) % 60000u;
        void **block = &blocks[rand_r(&random) % 64];
        free(*block);
        *block = malloc(bytes);
    }
    for (size_t i = 0; i < 64; i++)
        free(blocks[i]);
    return NULL;
}

static void *fork_on(void *unused)
{
    while (!over) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        waitpid(child, NULL, 0);
    }
    return unused;
}

static void *load_on(void *file)
{
    while (!over) {
        void *handle = dlopen(file, RTLD_NOW);
        if (handle == NULL)
            _exit(3);
        dlclose(handle);
    }
    return file;
}

static void signal_all(const pthread_t *threads, double seconds)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        for (size_t i = 0; i < THREADS; i++)
            if (pthread_kill(threads[i], SIGUSR2) == 0)
                signals++;
        sleep_for(300);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) / 1e9 < seconds);
}

static int interrupt(void *(*other)(void *), void *argument, const char *seconds)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, i == 0 ? other : allocate,
                       i == 0 && other != allocate ? argument : (void *)(i + 1));
    signal_all(threads, strtod(seconds, NULL));
    over = 1;
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("signals %lu\n", signals);
    return 0;
}

/* --- handlers and stacks ------------------------------------------------------------------------------------------ */

static _Atomic int handled;

static void handle(int number)
{
    (void)number;
    handled = 1;
}

static int with_own_handler(void)
{
    struct sigaction action = {.sa_handler = handle};
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR2);
    puts(handled ? "handled" : "not handled");
    return 0;
}

static void *raise_once(void *unused)
{
    raise(SIGUSR2);
    return unused;
}

static int with_little_stack(void)
{
    pthread_t thread;
    pthread_attr_t attributes;
    free(malloc(100));
    pthread_attr_init(&attributes);
    long smallest = sysconf(_SC_THREAD_STACK_MIN);
    pthread_attr_setstacksize(&attributes, (size_t)(smallest < SHORT_STACK ? SHORT_STACK : smallest));
    if (pthread_create(&thread, &attributes, raise_once, NULL) != 0)
        return 1;
    pthread_join(thread, NULL);
    puts("joined");
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "", *seconds = argc > 2 ? argv[2] : "1";
    if (strcmp(what, "wait") == 0)
        return wait_for_input();
    if (strcmp(what, "allocate") == 0)
        return interrupt(allocate, NULL, seconds);
    if (strcmp(what, "fork") == 0)
        return interrupt(fork_on, NULL, seconds);
    if (strcmp(what, "load") == 0 && argc > 3)
        return interrupt(load_on, argv[3], seconds);
    if (strcmp(what, "own") == 0)
        return with_own_handler();
    if (strcmp(what, "small") == 0)
        return with_little_stack();
    return 2;
}
