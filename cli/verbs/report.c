/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune report: what sessions found, from their journals, in the forms in which they print it and as HTML. */
#include "config.h"

#include "cli/html/page.h"
#include "cli/html/session_page.h"
#include "cli/journal/session_record.h"
#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/output/memory.h"
#include "cli/output/whole_file.h"
#include "cli/report/session_report.h"
#include "cli/verbs/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The sessions of all journals. */
struct sessions {
    struct session_record **list; /* owned, as each is */
    size_t count;
};

static void clear(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        session_record_clear(sessions->list[i]);
        free(sessions->list[i]);
    }
    free(sessions->list);
}

static int load(const struct options *options, struct sessions *sessions)
{
    char message[PATH_MAX + 1024], note[PATH_MAX + 1024];
    sessions->list = must_have(calloc(options->argument_count, sizeof(struct session_record *)));
    for (size_t i = 0; i < options->argument_count; i++) {
        struct session_record *record = must_have(calloc(1, sizeof *record));
        if (!session_record_load(record, options->arguments[i], message, note, sizeof message)) {
            free(record);
            return usage_error(VERB_REPORT, "%s", message);
        }
        if (note[0])
            fprintf(stderr, "hakmem-tune: report: %s\n", note);
        sessions->list[sessions->count++] = record;
    }
    return 0;
}

/* The form that is asked for: by --format, or by the ending of the file's name. */
static enum output_format format_of(const struct options *options)
{
    static const struct {
        const char *ending;
        enum output_format format;
    } endings[] = {{".json", OUTPUT_JSON},
                   {".md", OUTPUT_MARKDOWN},
                   {".csv", OUTPUT_CSV},
                   {".html", OUTPUT_HTML},
                   {".htm", OUTPUT_HTML}};
    const char *dot = options->output ? strrchr(options->output, '.') : NULL;
    if (option_given(options, format))
        return (enum output_format)options->format;
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcmp(dot, endings[i].ending) == 0)
            return endings[i].format;
    return OUTPUT_TEXT;
}

static void print(FILE *stream, enum output_format format, const struct sessions *sessions, bool explain)
{
    const struct session_record *const *list = (const struct session_record *const *)sessions->list;
    if (format == OUTPUT_HTML)
        session_page_write(stream, list, sessions->count, NULL);
    else
        session_report_write(stream, format, list, sessions->count, explain);
}

static int write_file(const struct options *options, enum output_format format, const struct sessions *sessions)
{
    struct whole_file file;
    char message[PATH_MAX + 256];
    if (whole_file_open(&file, options->output, message, sizeof message)) {
        print(file.stream, format, sessions, options->explain);
        if (whole_file_close(&file, true, message, sizeof message))
            return 0;
    }
    return usage_failure(VERB_REPORT, 1, "--output: %s", message);
}

/* What cannot be, before a journal is read. */
static int check(const struct options *options, enum output_format format)
{
    char message[PATH_MAX + 256];
    if (options->argument_count == 0)
        return usage_error(VERB_REPORT, "no journal given: a session writes NAME.journal beside its profile");
    if (format == OUTPUT_HTML && !page_possible(message, sizeof message))
        return usage_failure(VERB_REPORT, 1, "%s", message);
    if (format == OUTPUT_HTML && !options->output && isatty(STDOUT_FILENO))
        return usage_error(VERB_REPORT, "HTML is for a browser, not for a terminal: name a file with --output");
    if (options->output && !whole_file_possible(options->output, message, sizeof message))
        return usage_failure(VERB_REPORT, 1, "--output: %s", message);
    return 0;
}

int verb_report(const struct options *options)
{
    struct sessions sessions = {.count = 0};
    enum output_format format = format_of(options);
    int status = check(options, format);
    if (status == 0)
        status = load(options, &sessions);
    if (status == 0 && options->output)
        status = write_file(options, format, &sessions);
    else if (status == 0)
        print(stdout, format, &sessions, options->explain);
    clear(&sessions);
    return status;
}
