/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See threads.h. */
#include "config.h"

#include "cli/inspect/threads.h"

#include "cli/output/memory.h"
#include "cli/output/utf8.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The C libraries have the id within the first 724 bytes. */
#define LOOKED_AT 1024
#define LOOKED_AT_LEAST 256

/* Where there are more threads than these, one that is known is not looked at again: its name may be an old one. */
#define LOOK_AGAIN_MOST 512

/* --- the process's threads ---------------------------------------------------------------------------------------- */

static int by_id(const void *one, const void *other)
{
    const struct thread *a = one, *b = other;
    return (a->id > b->id) - (a->id < b->id);
}

/* "NSpid:	1234	17": the id in each PID namespace, the innermost last. */
static pid_t last_number(const char *text)
{
    long number = 0;
    for (char *end; *text; text = end) {
        long next = strtol(text, &end, 10);
        if (end == text)
            break;
        number = next;
    }
    return (pid_t)number;
}

static bool read_thread(pid_t process, struct thread *thread)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/task/%d/status", (int)process, (int)thread->id);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    thread->own_id = thread->id;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "Name:\t", 6) == 0)
            snprintf(thread->name, sizeof thread->name, "%.31s", line + 6);
        else if (strncmp(line, "NSpid:\t", 7) == 0)
            thread->own_id = last_number(line + 7);
    }
    fclose(file);
    utf8_clean(thread->name, true);
    return true;
}

static const struct thread *find_known(const struct threads *threads, pid_t id)
{
    struct thread wanted = {.id = id};
    return threads->count > LOOK_AGAIN_MOST ? bsearch(&wanted, threads->list, threads->count, sizeof wanted, by_id)
                                            : NULL;
}

static void append(struct threads *threads, size_t *room, const struct thread *thread)
{
    if (threads->count == *room) {
        *room = *room ? 2 * *room : 16;
        threads->list = must_have(reallocarray(threads->list, *room, sizeof *threads->list));
    }
    threads->list[threads->count++] = *thread;
}

static void list_threads(struct threads *threads, pid_t process)
{
    char path[64];
    struct threads now = {.count = 0};
    size_t room = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)process);
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        struct thread thread = {.id = (pid_t)atoi(entry->d_name)};
        const struct thread *known = find_known(threads, thread.id);
        if (known || (thread.id > 0 && read_thread(process, &thread)))
            append(&now, &room, known ? known : &thread);
    }
    if (directory)
        closedir(directory);
    if (now.count > 0)
        qsort(now.list, now.count, sizeof *now.list, by_id);
    threads_free(threads);
    *threads = now;
}

/* --- which of them has a heap ------------------------------------------------------------------------------------- */

/* What the C library keeps of the threads that have a heap. */
struct holders {
    struct snapshot_heap **heap;
    uint32_t *words; /* LOOKED_AT bytes of each; zeros where they cannot be read */
    size_t count;
};

#define WORDS (LOOKED_AT / sizeof(uint32_t))

static void read_holders(struct holders *holders, struct snapshot *snapshot, struct target *target)
{
    struct memory_piece *pieces = must_have(calloc(snapshot->heap_count + 1, sizeof *pieces));
    holders->heap = must_have(calloc(snapshot->heap_count + 1, sizeof(struct snapshot_heap *)));
    holders->words = must_have(calloc(snapshot->heap_count + 1, LOOKED_AT));
    for (size_t i = 0; i < snapshot->heap_count; i++) {
        struct snapshot_heap *heap = &snapshot->heaps[i];
        if (heap->idle || heap->holder == 0)
            continue;
        pieces[holders->count] =
            (struct memory_piece){heap->holder, holders->words + holders->count * WORDS, LOOKED_AT, false};
        holders->heap[holders->count++] = heap;
    }
    memory_read_pieces(&target->memory, pieces, holders->count);
    for (size_t i = 0; i < holders->count; i++)
        if (!pieces[i].is_read)
            memory_read(&target->memory, pieces[i].address, pieces[i].to, LOOKED_AT_LEAST);
    free(pieces);
}

/* The thread that calls itself OWN_ID; NULL: there is none. */
static const struct thread *find_own(const struct threads *by_own, uint32_t own_id)
{
    size_t low = 0, high = by_own->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uint32_t)by_own->list[middle].own_id == own_id)
            return &by_own->list[middle];
        if ((uint32_t)by_own->list[middle].own_id < own_id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int by_own_id(const void *one, const void *other)
{
    const struct thread *a = one, *b = other;
    return (a->own_id > b->own_id) - (a->own_id < b->own_id);
}

/* How many different threads' ids are at WORD. */
static size_t count_at(const struct holders *holders, const struct threads *by_own, size_t word)
{
    size_t count = 0;
    bool *seen = must_have(calloc(by_own->count + 1, sizeof *seen));
    for (size_t i = 0; i < holders->count; i++) {
        const struct thread *thread = find_own(by_own, holders->words[i * WORDS + word]);
        if (!thread || seen[thread - by_own->list])
            continue;
        seen[thread - by_own->list] = true;
        count++;
    }
    free(seen);
    return count;
}

static void name_heaps(const struct holders *holders, const struct threads *by_own, size_t word)
{
    for (size_t i = 0; i < holders->count; i++) {
        const struct thread *thread = find_own(by_own, holders->words[i * WORDS + word]);
        if (!thread)
            continue;
        holders->heap[i]->thread = thread->id;
        memcpy(holders->heap[i]->name, thread->name, sizeof thread->name);
    }
}

void threads_find(struct threads *threads, struct snapshot *snapshot, struct target *target)
{
    struct holders holders = {.count = 0};
    size_t best = 0, most = 0;
    list_threads(threads, target->pid);
    read_holders(&holders, snapshot, target);
    struct threads by_own = {must_have(calloc(threads->count + 1, sizeof *by_own.list)), threads->count};
    for (size_t i = 0; i < threads->count; i++)
        by_own.list[i] = threads->list[i];
    qsort(by_own.list, by_own.count, sizeof *by_own.list, by_own_id);
    for (size_t word = 0; word < WORDS; word++) {
        size_t count = count_at(&holders, &by_own, word);
        best = count > most ? word : best;
        most = count > most ? count : most;
    }
    if (most > 0)
        name_heaps(&holders, &by_own, best);
    threads_free(&by_own);
    free(holders.heap);
    free(holders.words);
}

void threads_free(struct threads *threads)
{
    free(threads->list);
    *threads = (struct threads){.count = 0};
}
