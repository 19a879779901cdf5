/* SPDX-License-Identifier: MIT */
/* A session's journal: whatever it says, all reports can be made from it, and what they are for programs is JSON; and a
 * session can go on from it. */
#include "config.h"

#include "cli/html/page.h"
#include "cli/html/session_page.h"
#include "cli/journal/file.h"
#include "cli/journal/record_header.h"
#include "cli/journal/restore.h"
#include "cli/journal/session_record.h"
#include "cli/report/session_report.h"
#include "tests/fuzz/target.h"

static char *report(const struct session_record *record, enum output_format format)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    FUZZ_EXPECT(stream);
    if (format == OUTPUT_HTML)
        session_page_write(stream, &record, 1, NULL);
    else
        session_report_write(stream, format, &record, 1, true);
    fclose(stream);
    FUZZ_EXPECT(size == strlen(text));
    return text;
}

static void report_all(const struct session_record *record)
{
    static const enum output_format formats[] = {OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_MARKDOWN, OUTPUT_CSV, OUTPUT_HTML};
    char message[512];
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (formats[i] == OUTPUT_HTML && !page_possible(message, sizeof message))
            continue;
        char *text = report(record, formats[i]);
        json_t *value = formats[i] == OUTPUT_JSON ? json_loads(text, 0, NULL) : NULL;
        FUZZ_EXPECT(formats[i] != OUTPUT_JSON || json_is_object(value));
        FUZZ_EXPECT((formats[i] != OUTPUT_TEXT && formats[i] != OUTPUT_MARKDOWN) || fuzz_is_text(text));
        json_decref(value);
        free(text);
    }
}

static void go_on(const struct session_record *record, const json_t *lines)
{
    struct session_settings settings = {.space = &record->space, .goal = record->goal, .strategy = "local"};
    struct session_past past = {.count = 0};
    char message[512];
    restore_is_finished(lines);
    restore_past(&settings, lines, &past);
    session_past_clear(&past);
    record_same_session(record->header, &settings, NULL, message, sizeof message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct session_record record;
    struct launch_environment environment;
    struct fuzz_file file = fuzz_file_open(data, size);
    char message[1024] = "", note[1024];
    bool torn;
    if (session_record_load(&record, file.path, message, note, sizeof message)) {
        report_all(&record);
        json_t *lines = journal_read(file.path, &torn, message, sizeof message);
        FUZZ_EXPECT(lines);
        go_on(&record, lines);
        json_decref(lines);
        session_record_environment(&record, &environment);
        launch_clear(&environment);
        session_record_clear(&record);
    } else {
        FUZZ_EXPECT(fuzz_is_line(message));
    }
    fuzz_file_close(&file);
    return 0;
}
