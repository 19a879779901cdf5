/* SPDX-License-Identifier: MIT */
#include "lib/sample/control.h"

#include "lib/base/error_words.h"
#include "lib/base/file_name.h"
#include "lib/base/on_signal.h"
#include "lib/base/process.h"
#include "lib/base/record_file.h"
#include "lib/base/report.h"
#include "lib/profile/active.h"
#include "lib/sample/dump.h"
#include "lib/sample/leaks.h"
#include "lib/sample/sample.h"
#include "lib/sample/stack_report.h"
#include "lib/space/aside.h"

#include <hakmem/hakmem.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* From the environment; written before main. They stay where they are: the library copies the texts, as the program may
 * change its environment. */
static char profile_pattern[RECORD_FILE_NAME], leaks_pattern[RECORD_FILE_NAME];
static pid_t first_process; /* the one that has begun; its forks are others */

static _Atomic uint64_t written; /* relaxed: files so far */

/* --- files -------------------------------------------------------------------------------------------------------- */

static struct file_names names_now(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (struct file_names){.program = process_name(),
                               .pid = (uint64_t)getpid(),
                               .seconds = (uint64_t)now.tv_sec,
                               .number = atomic_fetch_add_explicit(&written, 1, memory_order_relaxed) + 1};
}

/* What is written where, and for whom. */
struct order {
    const char *pattern;
    bool inherited; /* from the environment: a fork has the same */
    int (*write)(const char *name, const char *pattern);
    const char *what; /* names it in messages */
};

/* A fork's file must not be its parent's: it has the process in its name in any case. */
static bool make_name(char *name, size_t size, const struct order *order)
{
    struct writer writer = writer_start(name, size);
    struct file_names names = names_now();
    file_name_expand(&writer, order->pattern, &names);
    bool is_fork = first_process != 0 && names.pid != (uint64_t)first_process;
    if (order->inherited && is_fork && !file_name_has_pid(order->pattern)) {
        writer_add(&writer, ".");
        writer_add_number(&writer, names.pid);
    }
    return writer.length < writer.size;
}

/* Writes the file; errno says why there is none. */
static bool write_file(const struct order *order)
{
    char name[RECORD_FILE_NAME];
    int cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    int error = make_name(name, sizeof name, order) ? order->write(name, order->pattern) : ENAMETOOLONG;
    if (error != 0)
        report_line("%s: %s: %s (error %d); it is not written", order->what, name, error_words(error), error);
    pthread_setcancelstate(cancel, &cancel);
    errno = error;
    return error == 0;
}

static void write_profile(void)
{
    write_file(&(struct order){profile_pattern, true, dump_write, "HAKMEM_PROFILE_HEAP"});
}

/* --- the public functions ----------------------------------------------------------------------------------------- */

HAK_EXPORT COLD bool hak_heap_profile_start(void)
{
    if (!sample_prepare()) {
        errno = ENOTSUP;
        return false;
    }
    sample_switch(true);
    return true;
}

HAK_EXPORT COLD void hak_heap_profile_stop(void)
{
    sample_switch(false);
}

HAK_EXPORT COLD bool hak_heap_profile_dump(const char *file)
{
    int saved = errno;
    const char *pattern = file != NULL ? file : profile_pattern;
    if (*pattern == '\0' || !file_name_is_good(pattern)) {
        report_line("hak_heap_profile_dump: \"%s\" is no name of a file; it is not written", pattern);
        errno = EINVAL;
        return false;
    }
    bool done = write_file(&(struct order){pattern, file == NULL, dump_write, "hak_heap_profile_dump"});
    if (done)
        errno = saved;
    return done;
}

/* --- signals ------------------------------------------------------------------------------------------------------ */

static void write_now(int number)
{
    int saved = errno;
    (void)number;
    write_profile();
    errno = saved;
}

static void toggle(int number)
{
    (void)number;
    sample_switch(!sample_is_on());
}

/* --- the environment, and the end --------------------------------------------------------------------------------- */

/* Copies FILE, which the variable NAME has; false, and a line says why, where it cannot be. A program may change its
 * directory later. */
static bool take_file(const char *name, const char *file, char *pattern)
{
    char directory[RECORD_FILE_NAME];
    struct writer writer = writer_start(pattern, RECORD_FILE_NAME);
    file_name_absolute(&writer, file, getcwd(directory, sizeof directory));
    if (writer.length >= writer.size)
        report_line("%s: the name \"%s\" is too long; it has no effect", name, file);
    else if (!file_name_is_good(file))
        report_line("%s: in \"%s\" a %% is followed by none of %s; it has no effect", name, file, FILE_NAME_LETTERS);
    else
        return true;
    pattern[0] = '\0';
    return false;
}

/* What the variable NAME says; NULL where it is not set, or empty. */
static const char *said_by(const char *name)
{
    const char *text = secure_getenv(name);
    return text != NULL && *text != '\0' ? text : NULL;
}

/* What a variable says: nothing or 0, 1, or a file. */
enum said { SAYS_NO, SAYS_YES, SAYS_FILE };

static enum said read_variable(const char *name, char *pattern)
{
    const char *text = said_by(name);
    if (text == NULL || strcmp(text, "0") == 0)
        return SAYS_NO;
    if (strcmp(text, "1") == 0)
        return SAYS_YES;
    return take_file(name, text, pattern) ? SAYS_FILE : SAYS_NO;
}

static enum said leaks; /* const after the start */

/* Has HANDLER called for the signal that the variable NAME says; false where it says none. */
static bool catch_signal(const char *name, void (*handler)(int))
{
    const char *text = said_by(name);
    return text != NULL && on_signal(name, text, handler);
}

static void start_now(bool has_file)
{
    first_process = getpid();
    process_start();
    if (!sample_prepare()) {
        if (hak_profile_hardens())
            report_line(
                "no heap profile: the profile has measures of security, which the blocks of a sample would not have");
        else if (HAK_PROFILE(security_guarded) != 0)
            report_line("no heap profile: the profile has security.guarded, and the two do not go together");
        else
            report_line("no heap profile: %s, and libhakmem has stepped aside", aside_reason());
        return;
    }
    bool waits = has_file && catch_signal("HAKMEM_PROFILE_HEAP_TOGGLE", toggle);
    if (has_file)
        catch_signal("HAKMEM_PROFILE_HEAP_SIGNAL", write_now);
    sample_switch(!waits || leaks != SAYS_NO || HAK_PROFILE(heap_profile_on));
}

/* Signals that say what is to be done with the file of HAKMEM_PROFILE_HEAP, which says none. */
static void refuse_signals(void)
{
    static const char *const names[] = {"HAKMEM_PROFILE_HEAP_SIGNAL", "HAKMEM_PROFILE_HEAP_TOGGLE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (said_by(names[i]) != NULL)
            report_line("%s: HAKMEM_PROFILE_HEAP names no file; it has no effect", names[i]);
}

#define USUAL_FILE "%n.%p.heap" /* HAKMEM_PROFILE_HEAP=1 */

/* After the start of the allocator, and after the statistics'. */
__attribute__((constructor(103))) static void read_environment(void)
{
    stack_report_start();
    enum said profile = read_variable("HAKMEM_PROFILE_HEAP", profile_pattern);
    leaks = read_variable("HAKMEM_LEAKS", leaks_pattern);
    if (profile == SAYS_YES)
        take_file("HAKMEM_PROFILE_HEAP", USUAL_FILE, profile_pattern);
    else if (profile == SAYS_NO)
        refuse_signals();
    if (profile != SAYS_NO || leaks != SAYS_NO || HAK_PROFILE(heap_profile_on))
        start_now(profile != SAYS_NO);
}

static void report_leaks(void)
{
    if (leaks == SAYS_FILE)
        write_file(&(struct order){leaks_pattern, true, leaks_write, "HAKMEM_LEAKS"});
    else if (report_has_standard_error())
        leaks_print(STDERR_FILENO);
}

__attribute__((destructor)) void heap_profile_at_exit(void)
{
    int saved = errno;
    if (profile_pattern[0] != '\0' && sample_was_on())
        write_profile();
    if (leaks != SAYS_NO && sample_was_on())
        report_leaks();
    errno = saved;
}
