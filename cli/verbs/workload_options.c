/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See workload_options.h. */
#include "config.h"

#include "cli/verbs/workload_options.h"

#include "cli/options/job_find.h"
#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/output/table.h"
#include "cli/workload/parse.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- values ------------------------------------------------------------------------------------------------------- */

/* What the options' own checks have taken. */
static void take_values(const struct options *options, struct workload *work)
{
    for (size_t i = 0; i < options->env.count; i++)
        parse_assignment(options->env.items[i], work);
    if (options->ok_status)
        parse_statuses(options->ok_status, &work->ok);
    if (options->ready)
        parse_ready(options->ready, &work->ready);
    if (options->stop)
        parse_signal(options->stop, &work->stop_signal);
}

/* --- what goes together ------------------------------------------------------------------------------------------- */

/* The first option of GIVEN that stood on the command line, or NULL. */
static const char *first_given(const struct options *options, const size_t *given, size_t count)
{
    for (size_t row = 0; row < option_row_count; row++)
        for (size_t i = 0; i < count; i++)
            if (option_rows[row].offset == given[i] && options->given[row])
                return option_rows[row].name;
    return NULL;
}

static const char *option_of_server(const struct options *options)
{
    static const size_t fields[] = {
        offsetof(struct options, load),         offsetof(struct options, ready),
        offsetof(struct options, warm_up),      offsetof(struct options, idle),
        offsetof(struct options, stop),         offsetof(struct options, start_timeout),
        offsetof(struct options, stop_timeout),
    };
    return first_given(options, fields, sizeof fields / sizeof *fields);
}

static const char *option_of_command(const struct options *options)
{
    static const size_t fields[] = {
        offsetof(struct options, prepare),    offsetof(struct options, cwd),     offsetof(struct options, env),
        offsetof(struct options, stdin_path), offsetof(struct options, timeout), offsetof(struct options, ok_status),
    };
    return first_given(options, fields, sizeof fields / sizeof *fields);
}

static int check_server(enum verb verb, const struct options *options, struct workload *work)
{
    if (options->workload)
        return usage_error(verb, "either --workload or --server, not both");
    if (options->command)
        return usage_error(verb, "either --server or -- COMMAND, not both; what gives the server its work is --load");
    if (!work->load)
        return usage_error(verb, "--server needs --load COMMAND, which gives it a fixed piece of work");
    if (options->operations || options->threads)
        return usage_error(verb, "--ops and --threads are for --workload; give --load options of its own");
    if (!work->ready.kind && !workload_mentions(work, WORDS_PORT))
        return usage_error(verb, "--server needs --ready tcp:PORT, exec:COMMAND or log:REGEX, or {port} in a command");
    if (!work->ready.kind)
        work->ready = (struct workload_ready){WORKLOAD_READY_TCP, WORDS_PORT};
    return 0;
}

/* Why PATH, that of --stdin, cannot be what each run reads anew; NULL if it can. */
static const char *stdin_fault(const char *path)
{
    struct stat status;
    if (strstr(path, WORDS_DIRECTORY)) /* known in a run alone */
        return NULL;
    if (stat(path, &status) != 0 || access(path, R_OK) != 0)
        return strerror(errno);
    if (S_ISFIFO(status.st_mode))
        return "it is a pipe, of which each run would read a part; a file is expected";
    return S_ISDIR(status.st_mode) ? strerror(EISDIR) : NULL;
}

static int check_together(enum verb verb, const struct options *options, struct workload *work)
{
    const char *of_server = option_of_server(options), *of_command = option_of_command(options);
    const char *fault = work->stdin_path ? stdin_fault(work->stdin_path) : NULL;
    if (fault)
        return usage_error(verb, "--stdin: cannot read %s: %s", work->stdin_path, fault);
    if (work->server)
        return check_server(verb, options, work);
    if (of_server)
        return usage_error(verb, "--%s is for --server", of_server);
    if (options->workload && of_command)
        return usage_error(verb, "--%s is for a command or a server, not for --workload", of_command);
    return 0;
}

int workload_options_apply(enum verb verb, const struct options *options, struct workload *work)
{
    *work = (struct workload){
        .workload = options->workload,
        .operations = options->operations,
        .threads = (unsigned)options->threads,
        .command = options->command,
        .prepare = options->prepare,
        .directory = options->cwd,
        .stdin_path = options->stdin_path,
        .timeout_s = options->timeout,
        .server = options->server,
        .load = options->load,
        .warm_up = options->warm_up,
        .idle_s = options->idle,
        .start_timeout_s = options->start_timeout,
        .stop_timeout_s = options->stop_timeout,
    };
    if (options->job)
        job_name(options->job, work->job, sizeof work->job);
    take_values(options, work);
    return check_together(verb, options, work);
}

/* --- standard input ----------------------------------------------------------------------------------------------- */

/* A file with something after where it stands, or a pipe that holds something. */
static bool stdin_has_data(void)
{
    struct stat file;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (fstat(STDIN_FILENO, &file) != 0)
        return false;
    if (S_ISREG(file.st_mode))
        return lseek(STDIN_FILENO, 0, SEEK_CUR) < file.st_size;
    return S_ISFIFO(file.st_mode) && poll(&input, 1, 0) == 1 && (input.revents & POLLIN);
}

void workload_options_note_stdin(const struct workload *work)
{
    if (work->workload || work->stdin_path || !stdin_has_data())
        return;
    table_print_line(stderr,
                     "hakmem-tune: standard input is not passed on, as each run would need all of it: give it with "
                     "--stdin FILE (or say < /dev/null, if it is not meant for the command)");
}
