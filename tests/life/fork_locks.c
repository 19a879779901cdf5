/* SPDX-License-Identifier: MIT */
/* fork_locks handler|stdio|files. A thread that forks waits for locks of others, whose holders allocate meanwhile.
 * handler: a handler for fork that was there before the library's, and so runs while that holds its locks, waits for a
 * lock whose holder allocates and frees all kinds of blocks. stdio, files: fork waits for the C library's list of
 * files, whose holder waits for a file, whose reader allocates. A hang is ended by an alarm. */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_SECONDS 120

static bool ends_well(pid_t child)
{
    int status = 1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* --- handler ------------------------------------------------------------------------------------------------------ */

#define BLOCKS 6000
#define FORKS 5

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t lock_is_held, fork_waits;
static unsigned char *block[BLOCKS], *before_fork[BLOCKS];
static size_t block_size[BLOCKS];
static bool intact = true;

static void wait_for_lock(void)
{
    sem_post(&fork_waits);
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
}

/* Before any library's constructor. */
static bool registered;
static void register_handler(int argc, char **argv)
{
    registered = argc == 2 && strcmp(argv[1], "handler") == 0 && pthread_atfork(wait_for_lock, NULL, NULL) == 0;
}
__attribute__((section(".preinit_array"), used)) static void (*const before_all)(int, char **) = register_handler;

static size_t size_of(size_t i)
{
    static const size_t larger[] = {5000, 40 * KIB, 70 * KIB, 300 * KIB, 2 * MIB};
    return i % 500 == 0 ? larger[i / 500 % (sizeof larger / sizeof *larger)] : 16 + i * 37 % 1500;
}

static unsigned char *make(size_t i, size_t size)
{
    void *made = NULL;
    if (i % 7 == 0) {
        made = calloc(1, size);
        intact = intact && all_zero(made, size);
    } else if (i % 11 == 0) {
        if (posix_memalign(&made, 256, size) != 0 || (uintptr_t)made % 256 != 0)
            intact = false;
    } else {
        made = malloc(size);
    }
    intact = intact && made != NULL && malloc_usable_size(made) >= size;
    pattern_fill(made, size, i);
    return made;
}

/* All kinds of blocks are taken, resized and given back, more than thread caches hold. */
static void allocate_all_kinds(void)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        block_size[i] = size_of(i);
        block[i] = make(i, block_size[i]);
    }
    for (size_t i = 0; i < BLOCKS; i += 3) {
        size_t size = block_size[i] * 2, same = block_size[i];
        block[i] = realloc(block[i], size);
        intact = intact && pattern_holds(block[i], same, i);
        block_size[i] = size;
        pattern_fill(block[i], size, i);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        free(before_fork[i]);
    for (size_t i = 0; i < BLOCKS; i += 2) {
        free(block[i]);
        block[i] = NULL;
    }
}

static bool give_all(void)
{
    bool good = intact;
    for (size_t i = 0; i < BLOCKS; i++) {
        good = good && (block[i] == NULL || pattern_holds(block[i], block_size[i], i));
        free(block[i]);
        block[i] = NULL;
    }
    return good;
}

static void *hold_lock_and_allocate(void *nothing)
{
    for (size_t i = 0; i < BLOCKS; i++)
        before_fork[i] = malloc(size_of(i + 1));
    pthread_mutex_lock(&lock);
    sem_post(&lock_is_held);
    sem_wait(&fork_waits);
    allocate_all_kinds();
    pthread_mutex_unlock(&lock);
    return nothing;
}

static bool fork_while_lock_is_held(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, hold_lock_and_allocate, NULL) != 0)
        exit(99);
    sem_wait(&lock_is_held);
    pid_t child = fork();
    if (child == 0)
        _exit(give_all() && malloc(100) != NULL ? 0 : 1);
    pthread_join(thread, NULL);
    return ends_well(child) && give_all();
}

static size_t live_bytes(void)
{
    struct hak_mallinfo2 (*read_info)(void);
    if (!allocator_find("hak_", "mallinfo2", &read_info))
        return 0;
    free(malloc(100 * KIB)); /* whatever waits for the end of a fork is freed by then */
    struct hak_mallinfo2 info = read_info();
    return info.uordblks + info.hblkhd;
}

static void test_handler(void)
{
    if (!registered) {
        tap_skip(
            "handler: this C library runs no function of .preinit_array, so no handler comes before the library's");
        return;
    }
    int good = 0;
    sem_init(&lock_is_held, 0, 0);
    sem_init(&fork_waits, 0, 0);
    good += fork_while_lock_is_held();
    size_t first = live_bytes();
    for (int i = 1; i < FORKS; i++)
        good += fork_while_lock_is_held();
    size_t last = live_bytes();
    tap_ok(good == FORKS, "who holds a lock that fork waits for may allocate: %d of %d forks, all blocks intact", good,
           FORKS);
    tap_ok(last <= first + 100 * KIB, "  and what it freed meanwhile is free afterwards (%zu and %zu bytes in use)",
           first, last);
}

/* --- stdio and files ---------------------------------------------------------------------------------------------- */

#define LINE 100000
#define SECONDS 2

static atomic_bool stop;
static atomic_int forks, failures, lines;
static char name[] = "/tmp/hakmem-test.XXXXXX";

static void *fork_again_and_again(void *nothing)
{
    while (!atomic_load(&stop)) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        atomic_fetch_add(&forks, 1);
        atomic_fetch_add(&failures, !ends_well(child));
    }
    return nothing;
}

static void *flush_all(void *nothing)
{
    while (!atomic_load(&stop))
        fflush(NULL);
    return nothing;
}

static void read_line(FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    rewind(file);
    atomic_fetch_add(&failures, getline(&line, &room, file) != LINE + 1);
    atomic_fetch_add(&lines, 1);
    free(line);
}

static void *read_lines(void *nothing)
{
    FILE *file = fopen(name, "r");
    while (!atomic_load(&stop))
        read_line(file);
    fclose(file);
    return nothing;
}

static void *open_and_read(void *nothing)
{
    while (!atomic_load(&stop)) {
        FILE *file = fopen(name, "r");
        read_line(file);
        fclose(file);
    }
    return nothing;
}

static void run_for_a_while(const char *what, void *(*const body[])(void *), size_t count)
{
    pthread_t thread[16];
    FILE *file = fdopen(mkstemp(name), "w");
    for (int i = 0; i < LINE; i++)
        fputc('x', file);
    fputc('\n', file);
    fclose(file);
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&thread[i], NULL, body[i], NULL) != 0)
            exit(99);
    sleep(SECONDS);
    atomic_store(&stop, true);
    for (size_t i = 0; i < count; i++)
        pthread_join(thread[i], NULL);
    unlink(name);
    tap_ok(atomic_load(&failures) == 0 && atomic_load(&forks) > 0 && atomic_load(&lines) > 0,
           "%s (%d forks, %d lines, %d failures)", what, atomic_load(&forks), atomic_load(&lines),
           atomic_load(&failures));
}

int main(int argc, char **argv)
{
    static void *(*const stdio[])(void *) = {fork_again_and_again, flush_all, read_lines, read_lines};
    static void *(*const files[])(void *) = {fork_again_and_again, fork_again_and_again, fork_again_and_again,
                                             fork_again_and_again, open_and_read,        open_and_read,
                                             open_and_read,        open_and_read,        open_and_read,
                                             open_and_read,        open_and_read,        open_and_read};
    const char *what = argc == 2 ? argv[1] : "";
    alarm(PATIENCE_SECONDS);
    if (strcmp(what, "handler") == 0)
        test_handler();
    else if (strcmp(what, "stdio") == 0)
        run_for_a_while("fork, fflush(NULL) and getline at once", stdio, sizeof stdio / sizeof *stdio);
    else if (strcmp(what, "files") == 0)
        run_for_a_while("four threads fork while eight read files", files, sizeof files / sizeof *files);
    else
        return 99;
    return tap_done();
}
