/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See target.h. */
#include "config.h"

#include "cli/inspect/target.h"

#include "cli/output/utf8.h"
#include "cli/race/allocator.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- what the kernel says of the process -------------------------------------------------------------------------- */

struct process_state {
    char name[32];
    char letter; /* 'Z' or 'X': it has ended */
    uint64_t started;
};

static bool read_state(pid_t pid, struct process_state *state)
{
    char path[64], line[1024];
    unsigned long long started = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    const char *read = file ? fgets(line, sizeof line, file) : NULL;
    if (file)
        fclose(file);
    char *name = read ? strchr(line, '(') : NULL, *end = read ? strrchr(line, ')') : NULL;
    if (!name || !end)
        return false;
    int fields = sscanf(end + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                        &state->letter, &started);
    *end = '\0';
    snprintf(state->name, sizeof state->name, "%s", name + 1);
    utf8_clean(state->name, true);
    state->started = started;
    return fields == 2;
}

static bool has_ended(const struct process_state *state)
{
    return state->letter == 'Z' || state->letter == 'X';
}

/* The kernel's own threads have no program. */
static bool is_of_kernel(pid_t pid)
{
    char path[64], link[16];
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    return readlink(path, link, sizeof link) < 0 && errno == ENOENT;
}

/* --- why it cannot be read ---------------------------------------------------------------------------------------- */

struct text {
    char *bytes;
    size_t size;
};

static __attribute__((format(printf, 2, 3))) bool refuse(struct text to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(to.bytes, to.size, format, arguments);
    va_end(arguments);
    return false;
}

/* kernel.yama.ptrace_scope; 0 where there is no such thing. */
static int read_ptrace_scope(void)
{
    int scope = 0;
    FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
    if (file && fscanf(file, "%d", &scope) != 1)
        scope = 0;
    if (file)
        fclose(file);
    return scope;
}

/* The user whose process it is; false where that is not known. */
static bool read_owner(pid_t pid, uid_t *owner)
{
    char path[64], line[256];
    unsigned user;
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof line, file))
        found = sscanf(line, "Uid: %u", &user) == 1;
    if (file)
        fclose(file);
    *owner = found ? (uid_t)user : (uid_t)-1;
    return found;
}

static bool refuse_permission(pid_t pid, const char *name, struct text message)
{
    uid_t owner;
    int scope = read_ptrace_scope();
    if (geteuid() == 0 && scope < 3)
        return refuse(message,
                      "process %d (%s) may not be read: this root has no CAP_SYS_PTRACE for it (in a container, "
                      "--cap-add=SYS_PTRACE gives it)",
                      (int)pid, name);
    if (read_owner(pid, &owner) && owner != geteuid() && scope < 3) {
        const struct passwd *user = getpwuid(owner);
        return refuse(message,
                      "process %d (%s) may not be read: it is user %s's; run hakmem-tune as that user or as root",
                      (int)pid, name, user ? user->pw_name : "another");
    }
    if (scope == 0)
        return refuse(message,
                      "process %d (%s) may not be read: it forbids that to all but root (it is set-user-id, has "
                      "capabilities, or is not dumpable)",
                      (int)pid, name);
    return refuse(message, "process %d (%s) may not be read: kernel.yama.ptrace_scope is %d; %s", (int)pid, name, scope,
                  scope >= 3   ? "until the next boot nobody may, not even root"
                  : scope == 2 ? "run hakmem-tune as root"
                               : "run hakmem-tune as root, or set it to 0 (sysctl kernel.yama.ptrace_scope=0)");
}

static bool refuse_reading(pid_t pid, const struct process_state *state, int error, struct text message)
{
    if (error == ESRCH || error == ENOENT)
        return refuse(message, "process %d (%s) ended while it was looked at", (int)pid, state->name);
    if (error == EPERM || error == EACCES)
        return refuse_permission(pid, state->name, message);
    return refuse(message, "process %d (%s) cannot be read: %s", (int)pid, state->name, strerror(error));
}

/* --- its heap ----------------------------------------------------------------------------------------------------- */

/* Classes that the root at ADDRESS has by now; 0: its library has not started. */
static uint32_t started_classes(struct target *target)
{
    uint32_t count = 0;
    uint64_t address = layout_variable(&target->layout, HAK_INSPECT_VARIABLE_CLASS_COUNT);
    return memory_read(&target->memory, address, &count, sizeof count) ? count : 0;
}

/* Takes the first heap that has started, and counts the others. */
static bool take_root(struct target *target, const struct find *find, enum layout_result *result)
{
    bool found = false;
    *result = LAYOUT_UNREADABLE;
    for (size_t i = 0; i < find->count; i++) {
        struct layout before = target->layout;
        enum layout_result one = layout_read(&target->layout, &target->memory, find->root[i].address);
        bool usable = one == LAYOUT_READ && started_classes(target) != 0;
        if (usable && !found) {
            target->root = find->root[i].address;
            snprintf(target->library, sizeof target->library, "%s", find->root[i].path);
            found = true;
        } else if (found) {
            target->layout = before;
            target->other_heaps += usable;
        } else if (*result != LAYOUT_OTHER_VERSION) {
            *result = one;
        } else {
            target->layout = before; /* whose version is told */
        }
    }
    return found;
}

static bool refuse_root(const struct target *target, enum layout_result result, struct text message)
{
    const struct hak_inspect_root *root = &target->layout.root;
    if (result == LAYOUT_OTHER_VERSION)
        return refuse(
            message,
            "process %d (%s) has libhakmem %s, whose structures are of version %u; this hakmem-tune " PACKAGE_VERSION
            " reads version %d: use the hakmem-tune that came with that library",
            (int)target->pid, target->program, root->library, root->version, HAK_INSPECT_VERSION);
    if (result == LAYOUT_READ)
        return refuse(message,
                      "process %d (%s) has libhakmem, which has not started: nothing has been allocated yet, or a "
                      "sanitizer's runtime allocates, for which it steps aside",
                      (int)target->pid, target->program);
    return refuse(message, "process %d (%s) has libhakmem, but its root cannot be read", (int)target->pid,
                  target->program);
}

static bool refuse_heap(const struct target *target, const struct find *find, struct text message)
{
    char other[ALLOCATOR_TEXT];
    if (find->is_other_machine)
        return refuse(message, "process %d (%s) is a program of another processor or word size than hakmem-tune",
                      (int)target->pid, target->program);
    if (find->has_library)
        return refuse(message,
                      "process %d (%s) has a libhakmem that cannot be inspected, from before hakmem-tune inspect: %s",
                      (int)target->pid, target->program, find->library);
    allocator_describe(target->pid, other, sizeof other);
    return refuse(message, "process %d (%s) does not have libhakmem but %s; start it with LD_PRELOAD=libhakmem.so",
                  (int)target->pid, target->program, other);
}

static bool find_heap(struct target *target, const struct process_state *state, struct text message)
{
    struct find *find = calloc(1, sizeof *find);
    enum layout_result result;
    bool found = false;
    if (!find)
        return refuse(message, "out of memory");
    if (!find_roots(&target->memory, find))
        refuse_reading(target->pid, state, errno, message);
    else if (target->memory.error != 0 && find->count == 0)
        refuse_reading(target->pid, state, target->memory.error, message);
    else if (find->count == 0)
        refuse_heap(target, find, message);
    else if (!(found = take_root(target, find, &result)))
        refuse_root(target, result, message);
    free(find);
    return found;
}

bool target_open(struct target *target, pid_t pid, char *message, size_t size)
{
    struct process_state state;
    struct text to = {message, size};
    *target = (struct target){.pid = pid, .memory = {.file = -1}};
    if (!read_state(pid, &state))
        return refuse(to, "there is no process %d", (int)pid);
    target->started = state.started;
    snprintf(target->program, sizeof target->program, "%s", state.name);
    if (has_ended(&state))
        return refuse(to, "process %d (%s) has ended; its parent has not taken note of that yet", (int)pid, state.name);
    if (is_of_kernel(pid))
        return refuse(to, "process %d (%s) is a thread of the kernel's", (int)pid, state.name);
    if (!memory_open(&target->memory, pid))
        return refuse_reading(pid, &state, errno, to);
    bool found = find_heap(target, &state, to);
    if (!found)
        target_close(target);
    return found;
}

void target_close(struct target *target)
{
    memory_close(&target->memory);
}

/* Whether the root is there as it was; else the process runs another program by now. */
static bool has_same_root(struct target *target)
{
    struct hak_inspect_root root;
    return memory_read(&target->memory, target->root, &root, sizeof root) &&
           memcmp(&root, &target->layout.root, sizeof root) == 0;
}

bool target_is_there(struct target *target, char *message, size_t size)
{
    struct process_state state;
    struct text to = {message, size};
    if (!read_state(target->pid, &state) || has_ended(&state) || state.started != target->started)
        return refuse(to, "process %d (%s) has ended", (int)target->pid, target->program);
    if (has_same_root(target))
        return true;
    if (read_state(target->pid, &state) && !has_ended(&state) && state.started == target->started)
        return refuse(to, "process %d (%s) has executed another program, %s", (int)target->pid, target->program,
                      state.name);
    return refuse(to, "process %d (%s) has ended", (int)target->pid, target->program);
}
