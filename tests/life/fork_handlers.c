/* SPDX-License-Identifier: MIT */
/* fork_handlers handlers|signal. handlers: a program's own handlers for fork allocate; they were there before the
 * library's, so those hold all locks meanwhile. signal: a program of one thread forks in a signal handler, which
 * interrupts malloc and free, over and over. A lock that is waited for then shows as a hang, which an alarm ends. */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCKS 20000
#define FORKS 300
#define PATIENCE_SECONDS 120

extern char __libc_single_threaded __attribute__((weak)); /* what the library goes by */

static void *block[BLOCKS];
static atomic_bool stop;
static atomic_int ended_well;

static void allocate_much(void)
{
    for (size_t i = 0; i < BLOCKS; i++)
        block[i] = malloc(16 + i % 2000);
    for (size_t i = 0; i < BLOCKS; i++)
        free(block[i]);
    free(malloc(100000));
}

/* Before any library's constructor. */
static void register_handlers(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "handlers") == 0)
        pthread_atfork(allocate_much, allocate_much, allocate_much);
}
__attribute__((section(".preinit_array"), used)) static void (*const before_all)(int, char **) = register_handlers;

static void fork_once(void)
{
    int saved = errno, status = 1;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    if (child > 0 && waitpid(child, &status, 0) == child && status == 0)
        atomic_fetch_add(&ended_well, 1);
    errno = saved;
}

static void on_alarm(int number)
{
    (void)number;
    fork_once();
}

static void *allocate_meanwhile(void *argument)
{
    while (!atomic_load(&stop))
        free(malloc(100 + (size_t)argument));
    return NULL;
}

static void fork_with_threads(void)
{
    pthread_t thread[2];
    for (size_t i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, allocate_meanwhile, (void *)(i * 50000));
    for (int i = 0; i < 20; i++)
        fork_once();
    atomic_store(&stop, true);
    for (size_t i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    tap_ok(atomic_load(&ended_well) == 20, "handlers that allocate do not wait for the library's locks");
}

static void fork_in_signals(void)
{
    struct itimerval each = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    static void *kept[BLOCKS];
    unsigned random = 1;
    signal(SIGVTALRM, on_alarm);
    setitimer(ITIMER_VIRTUAL, &each, NULL);
    while (atomic_load(&ended_well) < FORKS) {
        random = random * 1103515245 + 12345;
        size_t slot = (random >> 8) % BLOCKS;
        free(kept[slot]);
        kept[slot] = malloc(16 + (random >> 4) % 3000 * ((random >> 20) % 8 == 0 ? 20 : 1));
    }
    setitimer(ITIMER_VIRTUAL, &never, NULL);
    tap_ok(true, "forks in a signal handler of a program with one thread");
}

int main(int argc, char **argv)
{
    alarm(PATIENCE_SECONDS);
    if (argc == 2 && strcmp(argv[1], "single") == 0)
        return &__libc_single_threaded == NULL;
    if (argc == 2 && strcmp(argv[1], "signal") == 0)
        fork_in_signals();
    else
        fork_with_threads();
    return tap_done();
}
