/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See allocator.h. */
#include "config.h"

#include "cli/race/allocator.h"

#include "cli/race/elf_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A process that was seen so often, and was on a processor for longer than a loader is, has all its libraries. Its age
 * says nothing: on a busy machine it may not have been on a processor for as long as one likes. */
#define LOOKS_TO_BE_SURE 3
#define LOADING_NS (20 * UINT64_C(1000000))
/* One that waits may never have been. */
#define MOST_LOOKS_AT_MAPPINGS 16
#define NS_PER_S UINT64_C(1000000000)

/* What `why` begins with where a process has a malloc of its own. */
#define OWN "own: "

/* What a process has mapped. */
struct mappings {
    bool readable;
    bool has_library;
    bool has_c_library;   /* the loader maps it after all that is preloaded */
    char other[PATH_MAX]; /* a library other than the C library that defines malloc; empty: none */
};

static bool is_c_library(const char *path)
{
    const char *name = basename(path);
    return strncmp(name, "libc.so", 7) == 0 || strncmp(name, "libc-", 5) == 0;
}

static bool is_loader(const char *path)
{
    return strncmp(basename(path), "ld-", 3) == 0;
}

static bool is_same_file(const char *path, const char *library)
{
    struct stat one, other;
    return strcmp(path, library) == 0 || (strcmp(basename(path), basename(library)) == 0 && stat(path, &one) == 0 &&
                                          stat(library, &other) == 0 && one.st_ino == other.st_ino);
}

/* A mapped file, at its first mapping. */
static void take_mapping(struct mappings *mappings, const char *path, const char *library)
{
    if (library && is_same_file(path, library))
        mappings->has_library = true;
    else if (is_c_library(path))
        mappings->has_c_library = true;
    else if (!mappings->other[0] && strstr(path, ".so") && !is_loader(path) && elf_file_read(path).defines_malloc)
        snprintf(mappings->other, sizeof mappings->other, "%s", path);
}

/* ROOT: where the process's files are. */
static void read_mappings(pid_t pid, const char *root, const char *library, struct mappings *mappings)
{
    char name[64], last[PATH_MAX] = "", here[PATH_MAX], *line = NULL;
    size_t size = 0;
    memset(mappings, 0, sizeof *mappings);
    snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
    FILE *file = fopen(name, "re");
    while (file && getline(&line, &size, file) > 0) {
        char *path = strchr(line, '/');
        mappings->readable = true;
        line[strcspn(line, "\n")] = '\0';
        if (!path || strcmp(path, last) == 0)
            continue;
        snprintf(last, sizeof last, "%s", path);
        snprintf(here, sizeof here, "%s%s", root, path);
        take_mapping(mappings, here, library);
    }
    free(line);
    if (file)
        fclose(file);
}

/* "jemalloc 5.3.0" for /usr/lib/libjemalloc.so.2. */
static void name_allocator(const char *path, const struct elf_file *file, char *text, size_t size)
{
    const char *name = basename(path);
    name += strncmp(name, "lib", 3) == 0 ? 3 : 0;
    snprintf(text, size, "%.*s%s%.31s", (int)strcspn(name, "."), name, file->version[0] ? " " : "", file->version);
}

/* Whether the program's malloc is its own, and not a wrapper of the one that comes next. */
static bool has_own(const struct elf_file *file)
{
    return file->defines_malloc && (file->version[0] || !file->may_forward);
}

/* Copies what NAME, with its '=', is set to in the environment that the process was started with. False: it is not. */
static bool read_variable(pid_t pid, const char *name, char *value, size_t size)
{
    char path[64], *assignment = NULL;
    size_t room = 0, length = strlen(name);
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && !found && getdelim(&assignment, &room, '\0', file) > 0) {
        found = strncmp(assignment, name, length) == 0;
        if (found)
            snprintf(value, size, "%s", assignment + length);
    }
    free(assignment);
    if (file)
        fclose(file);
    return found;
}

/* Whether the process's LD_PRELOAD has OTHER before LIBRARY. */
static bool is_preloaded_before(pid_t pid, const char *other, const char *library)
{
    char list[PATH_MAX];
    if (!read_variable(pid, "LD_PRELOAD=", list, sizeof list))
        return false;
    const char *one = strstr(list, basename(other)), *two = strstr(list, basename(library));
    return one && two && one < two;
}

static bool is_preloaded(pid_t pid, const char *path)
{
    char list[PATH_MAX];
    return read_variable(pid, "LD_PRELOAD=", list, sizeof list) && strstr(list, basename(path));
}

/* A variable that LAUNCH sets and the process was started without; NULL: none. HAKMEM_SEED stands before them in a
 * contender's environment: a program that writes its title over that may have written over them as well. */
static const char *lost_variable(pid_t pid, const struct launch *launch)
{
    char name[64], value[8];
    if (!read_variable(pid, "HAKMEM_SEED=", value, sizeof value))
        return NULL;
    for (size_t i = 0; launch->environment && launch->environment[i]; i++) {
        size_t length = strcspn(launch->environment[i], "=");
        if (!launch->environment[i][length] || length + 2 > sizeof name)
            continue;
        snprintf(name, sizeof name, "%.*s=", (int)length, launch->environment[i]);
        if (!read_variable(pid, name, value, sizeof value))
            return launch->environment[i];
    }
    return NULL;
}

static void find_own(struct allocator_process *process, const struct elf_file *file, const struct mappings *mappings)
{
    char name[64];
    process->verdict = ALLOCATOR_OTHER;
    process->reason = ALLOCATOR_OWN;
    if (!has_own(file)) {
        process->reason = is_preloaded(process->pid, mappings->other) ? ALLOCATOR_PRELOADED : ALLOCATOR_OWN;
        const struct elf_file other = elf_file_read(mappings->other);
        name_allocator(mappings->other, &other, name, sizeof name);
    } else if (file->version[0]) {
        snprintf(name, sizeof name, "jemalloc %.31s", file->version);
    } else {
        snprintf(name, sizeof name, "malloc of %.40s", basename(process->program));
    }
    snprintf(process->why, sizeof process->why, OWN "%s", name);
}

static enum allocator_reason reason_of(const struct elf_file *file)
{
    return file->other_class      ? ALLOCATOR_OTHER_CLASS
           : file->is_static      ? ALLOCATOR_STATIC
           : file->is_set_user_id ? ALLOCATOR_SET_USER_ID
                                  : ALLOCATOR_REASON_NOT_KNOWN;
}

/* What a program's file says by itself; NULL: nothing. */
static const char *refusal(enum allocator_reason reason)
{
    return reason == ALLOCATOR_OTHER_CLASS   ? "it is of another word size"
           : reason == ALLOCATOR_STATIC      ? "it is static"
           : reason == ALLOCATOR_SET_USER_ID ? "it is set-user-id"
                                             : NULL;
}

const char *allocator_refusal(const char *path, enum allocator_reason *reason)
{
    const struct elf_file file = elf_file_read(path);
    *reason = file.known ? reason_of(&file) : ALLOCATOR_REASON_NOT_KNOWN;
    return refusal(*reason);
}

/* Whether no loader preloads anything that this process could have. */
static bool has_no_loader(const struct elf_file *file)
{
    return file->is_static || file->other_class;
}

/* Whether what is not mapped by now is not preloaded. */
static bool has_preloaded_all(const struct allocator_process *process, const struct mappings *mappings)
{
    return mappings->has_c_library || (process->looks >= LOOKS_TO_BE_SURE && process->used_ns >= LOADING_NS);
}

/* What the process has, once that can be known. */
static void examine(struct allocator_process *process, const char *program, const struct launch *launch)
{
    const char *library = launch->library, *lost = lost_variable(process->pid, launch);
    struct mappings mappings;
    read_mappings(process->pid, "", library, &mappings);
    const struct elf_file file = elf_file_read(program);
    if (!mappings.readable || !file.known)
        return;
    bool other_first = mappings.other[0] && (!library || is_preloaded_before(process->pid, mappings.other, library));
    if (has_own(&file) || other_first) {
        find_own(process, &file, &mappings);
    } else if (lost && (!library || mappings.has_library)) {
        process->verdict = ALLOCATOR_OTHER;
        process->reason = ALLOCATOR_LACKS_SETTINGS;
        snprintf(process->why, sizeof process->why, "something clears its %.*s", (int)strcspn(lost, "="), lost);
    } else if (!library || mappings.has_library) {
        process->verdict = ALLOCATOR_EXPECTED;
    } else if (has_no_loader(&file) || has_preloaded_all(process, &mappings)) {
        enum allocator_reason reason = reason_of(&file);
        const char *why = refusal(reason);
        process->verdict = ALLOCATOR_OTHER;
        process->reason = why ? reason : ALLOCATOR_CLEARED;
        snprintf(process->why, sizeof process->why, "%s", why ? why : "something clears its LD_PRELOAD");
    }
}

/* Whether the next look may say something else than the last did: with the C library's malloc, where the loader had not
 * come yet to the library that the program is linked with. */
static bool may_change(const struct allocator_process *process, const struct launch *launch)
{
    return process->verdict == ALLOCATOR_NOT_KNOWN ||
           (process->verdict == ALLOCATOR_EXPECTED && !launch->library && process->examined_ns < LOADING_NS &&
            process->looks <= MOST_LOOKS_AT_MAPPINGS);
}

static struct allocator_process *find(struct allocator_watch *watch, const struct process *member,
                                      const struct stat *program)
{
    struct allocator_process *same_pid = NULL;
    for (size_t i = 0; i < watch->count; i++) {
        struct allocator_process *process = &watch->list[i];
        if (process->pid != member->pid || process->start_time != member->start_time)
            continue;
        if (process->device == program->st_dev && process->inode == program->st_ino)
            return process;
        same_pid = process;
    }
    uint64_t before_ns = same_pid ? same_pid->before_ns + same_pid->used_ns : 0;
    if (watch->count == watch->capacity) {
        size_t capacity = watch->capacity ? 2 * watch->capacity : 8;
        struct allocator_process *list = reallocarray(watch->list, capacity, sizeof *list);
        if (!list)
            return NULL;
        watch->list = list;
        watch->capacity = capacity;
    }
    struct allocator_process *process = &watch->list[watch->count++];
    *process = (struct allocator_process){.pid = member->pid,
                                          .start_time = member->start_time,
                                          .device = program->st_dev,
                                          .inode = program->st_ino,
                                          .before_ns = before_ns};
    return process;
}

/* Processor time of the process so far: of its main thread exactly, or of all threads by the clock's ticks. */
static uint64_t processor_time(pid_t pid)
{
    char path[64], line[1024];
    unsigned long long main_ns = 0;
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%llu", &main_ns) != 1)
        main_ns = 0;
    if (file)
        fclose(file);
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if ((file = fopen(path, "re"))) {
        const char *fields = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
        if (fields)
            sscanf(fields + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
        fclose(file);
    }
    uint64_t all_ns = (uint64_t)(user + system) * NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    return all_ns > main_ns ? all_ns : main_ns;
}

static void look_at(struct allocator_watch *watch, const struct process *member, const struct launch *launch)
{
    char link[64], program[PATH_MAX];
    struct stat status;
    snprintf(link, sizeof link, "/proc/%d/exe", (int)member->pid);
    ssize_t length = readlink(link, program, sizeof program - 1);
    if (length <= 0 || stat(link, &status) != 0)
        return;
    program[length] = '\0';
    struct allocator_process *process = find(watch, member, &status);
    if (!process)
        return;
    uint64_t used_ns = processor_time(member->pid);
    process->used_ns = used_ns > process->before_ns ? used_ns - process->before_ns : 0;
    process->looks++;
    snprintf(process->program, sizeof process->program, "%.255s", program);
    if (may_change(process, launch)) {
        process->examined_ns = process->used_ns;
        examine(process, link, launch);
    }
}

void allocator_watch_look(struct allocator_watch *watch, const struct process_tree *tree, const struct launch *launch)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->list[i].state != 'Z')
            look_at(watch, &tree->list[i], launch);
}

void allocator_watch_release(struct allocator_watch *watch)
{
    free(watch->list);
    memset(watch, 0, sizeof *watch);
}

const struct allocator_process *allocator_watch_main(const struct allocator_watch *watch)
{
    const struct allocator_process *most = NULL;
    uint64_t sum_ns[3] = {0};
    for (size_t i = 0; i < watch->count; i++)
        sum_ns[watch->list[i].verdict] += watch->list[i].used_ns;
    enum allocator_verdict verdict =
        sum_ns[ALLOCATOR_OTHER] > sum_ns[ALLOCATOR_EXPECTED] ? ALLOCATOR_OTHER : ALLOCATOR_EXPECTED;
    for (size_t i = 0; i < watch->count; i++)
        if (watch->list[i].verdict == verdict && (!most || watch->list[i].used_ns > most->used_ns))
            most = &watch->list[i];
    return most;
}

uint64_t allocator_watch_used(const struct allocator_watch *watch)
{
    uint64_t sum_ns = 0;
    for (size_t i = 0; i < watch->count; i++)
        sum_ns += watch->list[i].used_ns;
    return sum_ns;
}

const struct allocator_process *allocator_watch_became(const struct allocator_watch *watch, pid_t pid)
{
    const struct allocator_process *last = NULL;
    size_t programs = 0;
    for (size_t i = 0; i < watch->count; i++) {
        if (watch->list[i].pid != pid)
            continue;
        last = &watch->list[i];
        programs++;
    }
    return programs > 1 ? last : NULL;
}

void allocator_describe(pid_t pid, char *text, size_t size)
{
    char link[64], root[64], program[PATH_MAX];
    struct mappings mappings;
    snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
    snprintf(root, sizeof root, "/proc/%d/root", (int)pid);
    ssize_t length = readlink(link, program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    struct allocator_process process = {.pid = pid};
    snprintf(process.program, sizeof process.program, "%s", basename(program));
    const struct elf_file file = elf_file_read(link);
    read_mappings(pid, root, NULL, &mappings);
    if (has_own(&file) || mappings.other[0]) {
        find_own(&process, &file, &mappings);
        snprintf(text, size, "%s", process.why + strlen(OWN));
    } else {
        snprintf(text, size, "%s",
                 file.is_static ? "whatever is linked into it, as it is static" : "the C library's malloc");
    }
}
