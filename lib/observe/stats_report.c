/* SPDX-License-Identifier: MIT */
#include "lib/observe/stats_report.h"

#include "lib/base/error_words.h"
#include "lib/base/file_name.h"
#include "lib/base/on_signal.h"
#include "lib/base/process.h"
#include "lib/base/report.h"
#include "lib/observe/miss_rates.h"
#include "lib/observe/stats_file.h"
#include "lib/observe/stats_scratch.h"
#include "lib/space/aside.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define SIGNAL_VARIABLE "HAKMEM_STATS_SIGNAL"

/* Const after the library's constructors. */
static struct stats_request request;
static bool at_exit; /* or on a signal alone */

static _Atomic uint64_t written; /* relaxed: records that went to files */

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void say_not_written(struct stats_scratch *scratch, int error)
{
    struct writer line = writer_start(scratch->text, sizeof scratch->text);
    writer_add(&line, "hakmem: HAKMEM_STATS: ");
    writer_add(&line, scratch->path);
    writer_add(&line, ": ");
    writer_add(&line, error_words(error));
    writer_add(&line, " (error ");
    writer_add_number(&line, (uint64_t)error);
    writer_add(&line, "); the statistics are not written\n");
    if (report_has_standard_error())
        report_text(STDERR_FILENO, scratch->text, writer_kept(&line));
}

static void send(struct stats_scratch *scratch, size_t length)
{
    if (request.path[0] == '\0') {
        if (report_has_standard_error())
            report_text(STDERR_FILENO, scratch->text, length);
        return;
    }
    struct writer path = writer_start(scratch->path, sizeof scratch->path);
    file_name_expand(&path, request.path,
                     &(struct file_names){.program = scratch->record.program,
                                          .pid = scratch->record.pid,
                                          .seconds = scratch->record.seconds,
                                          .number = atomic_fetch_add_explicit(&written, 1, memory_order_relaxed) + 1});
    int error = path.length < sizeof scratch->path
                    ? stats_file_write(scratch->path, file_name_has_pid(request.path), scratch->text, length)
                    : ENAMETOOLONG;
    if (error != 0)
        say_not_written(scratch, error);
}

static void add_record(struct writer *writer, const struct stats_record *record, enum stats_form form)
{
    if (form == STATS_LINE)
        stats_add_line(writer, record);
    else if (form == STATS_JSON)
        stats_add_json(writer, record);
    else
        stats_add_text(writer, record);
}

/* Takes no lock and allocates nothing, but for what stats_add_text measures at the program's end. */
static void report(enum stats_reason reason)
{
    struct stats_scratch *scratch = stats_scratch_take();
    if (scratch == NULL)
        return;
    struct writer writer = writer_start(scratch->text, sizeof scratch->text);
    stats_record_take(&scratch->record, reason);
    add_record(&writer, &scratch->record, request.form);
    send(scratch, writer_kept(&writer));
    stats_scratch_give(scratch);
}

__attribute__((destructor)) void stats_report_at_exit(void)
{
    if (!at_exit)
        return;
    if (aside_serves())
        report_line("no statistics: %s, and libhakmem has stepped aside", aside_reason());
    else
        report(STATS_AT_EXIT);
}

static void report_on_signal(int number)
{
    int saved = errno;
    (void)number;
    report(STATS_ON_SIGNAL);
    errno = saved;
}

/* --- what is asked for -------------------------------------------------------------------------------------------- */

/* A program may change its directory later. */
static bool read_request(const char *value)
{
    char message[STATS_PATH_SIZE], directory[STATS_PATH_SIZE];
    struct writer writer = writer_start(message, sizeof message);
    const char *now = value[0] != '\0' && value[1] != '\0' ? getcwd(directory, sizeof directory) : NULL;
    if (stats_request_parse(value, now, &request, &writer))
        return request.form != STATS_NONE;
    report_line("HAKMEM_STATS: %s; no statistics", message);
    request.form = STATS_NONE;
    return false;
}

/* Where only a signal asks, it gets everything, on standard error. */
static void read_signal(const char *name)
{
    if (!at_exit)
        request = (struct stats_request){.form = STATS_TEXT};
    if (!aside_serves() && on_signal(SIGNAL_VARIABLE, name, report_on_signal))
        process_start();
}

static COLD void read_environment(const char *value, const char *signal_name)
{
    at_exit = value != NULL && read_request(value);
    if (at_exit) {
        process_start();
        if (request.form != STATS_LINE)
            miss_rates_open();
    }
    if (signal_name != NULL && signal_name[0] != '\0')
        read_signal(signal_name);
}

__attribute__((constructor(102))) static void start(void)
{
    const char *value = secure_getenv("HAKMEM_STATS"), *signal_name = secure_getenv(SIGNAL_VARIABLE);
    if (value != NULL || signal_name != NULL)
        read_environment(value, signal_name);
}
