/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session found, first of all. See session_parts.h. */
#include "config.h"

#include "cli/html/page.h"
#include "cli/html/session_parts.h"
#include "cli/output/html.h"
#include "cli/report/conclusion.h"
#include "cli/report/remark_words.h"
#include "cli/report/session_report.h"
#include "cli/report/session_table.h"
#include "cli/report/session_words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LONGEST 1024

const char *session_finalist_name(const struct session_record *record, size_t index, char *text, size_t size)
{
    const struct proof *proof = &record->outcome.proof;
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        if (proof->winner[aim] == (int)index) {
            snprintf(text, size, "%s", goal_aim_name(aim));
            return text;
        }
    snprintf(text, size, "finalist %zu", index + 1);
    return text;
}

/* --- headlines ---------------------------------------------------------------------------------------------------- */

static const char *mood(const struct session_record *record)
{
    if (record->outcome.status != SESSION_DONE)
        return record->has_ended && record->outcome.status != SESSION_INTERRUPTED ? "bad" : "open";
    return record->outcome.proof.winner[GOAL_RECOMMENDED] >= 0 ? "good" : "open";
}

/* TEXT without what HEADLINE has said. */
static const char *rest_of(const char *text, const char *headline)
{
    size_t length = strlen(headline);
    return strncasecmp(text, headline, length) == 0 && strncmp(text + length, ": ", 2) == 0 ? text + length + 2 : text;
}

static void write_headline(FILE *stream, const struct session_record *record)
{
    char headline[128], text[LONGEST];
    session_words_headline(record, GOAL_RECOMMENDED, headline, sizeof headline);
    session_words_verdict(record, GOAL_RECOMMENDED, text, sizeof text);
    fprintf(stream, "<div class=\"verdict %s\">\n<p class=\"kicker\">", mood(record));
    html_format(stream, "%s, with %s", record->work.name, record->space.subject.description);
    fputs("</p>\n<h1>", stream);
    html_text(stream, headline);
    fputs("</h1>\n", stream);
    page_sentence(stream, "says", rest_of(text, headline));
    fputs("</div>\n", stream);
}

static void write_end(FILE *stream, const struct session_record *record, enum goal_aim aim)
{
    const struct proof *proof = &record->outcome.proof;
    enum goal_aim same = session_report_same(proof, aim);
    char headline[128] = "Nothing surely better", text[LONGEST];
    bool is_own = same == aim && proof_winner(proof, aim);
    if (is_own)
        session_words_headline(record, aim, headline, sizeof headline);
    else if (same != aim)
        snprintf(headline, sizeof headline, "The %s one", goal_aim_name(same));
    session_words_verdict(record, aim, text, sizeof text);
    fprintf(stream, "<div class=\"card\"><h3>");
    html_format(stream, "%c%s", toupper((unsigned char)goal_aim_name(aim)[0]), goal_aim_name(aim) + 1);
    fputs("</h3>", stream);
    page_paragraph(stream, "amount", headline);
    if (is_own)
        page_sentence(stream, "says", text);
    fputs("</div>\n", stream);
}

/* The ends of the front, beside each other. */
static void write_ends(FILE *stream, const struct session_record *record)
{
    if (record->outcome.status != SESSION_DONE || record->outcome.proof.count == 0 || goal_aims(&record->goal) < 2)
        return;
    fputs("<div class=\"cards\">\n", stream);
    for (enum goal_aim aim = GOAL_RECOMMENDED + 1; aim < goal_aims(&record->goal); aim++)
        write_end(stream, record, aim);
    fputs("</div>\n", stream);
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

static void write_changes(FILE *stream, const struct session_record *record, const struct proof_finalist *finalist)
{
    char text[LONGEST];
    fputs("<p class=\"changes\"><span>Changes</span> <code>", stream);
    html_text(stream, space_describe(&record->space, &finalist->point, text, sizeof text));
    fputs("</code></p>\n", stream);
}

static void write_table(FILE *stream, const struct session_record *record, const struct proof_finalist *finalist,
                        const char *role)
{
    char name[64];
    snprintf(name, sizeof name, "Default and %s", role);
    page_table(stream, session_table_of(record, finalist, role), name, "narrow");
    write_changes(stream, record, finalist);
}

/* Of each winner; where there is none, of the finalist that came nearest. */
static void write_tables(FILE *stream, const struct session_record *record)
{
    const struct proof *proof = &record->outcome.proof;
    if (record->outcome.status != SESSION_DONE || proof->pairs == 0 || proof->count == 0)
        return;
    for (enum goal_aim aim = 0; aim < goal_aims(&record->goal); aim++)
        if (proof_winner(proof, aim) && session_report_same(proof, aim) == aim)
            write_table(stream, record, proof_winner(proof, aim), goal_aim_name(aim));
    if (proof->winner[GOAL_RECOMMENDED] < 0)
        write_table(stream, record, &proof->finalists[conclusion_of(record).finalist], "finalist");
}

/* --- what it is about --------------------------------------------------------------------------------------------- */

static void write_fact(FILE *stream, const char *label, const char *text)
{
    fprintf(stream, "<dt>%s</dt><dd>", label);
    html_text(stream, text);
    fputs("</dd>\n", stream);
}

static void write_baseline(FILE *stream, const struct session_record *record)
{
    const struct session_outcome *outcome = &record->outcome;
    char run[96], peak[64], text[LONGEST];
    snprintf(text, sizeof text, "%s: %s, %s", record->space.subject.baseline,
             remark_run(outcome->baseline.value[METRIC_TIME], outcome->baseline_operations, run, sizeof run),
             remark_peak(&outcome->baseline, peak, sizeof peak));
    write_fact(stream, "Baseline", text);
}

static void write_facts(FILE *stream, const struct session_record *record)
{
    struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    const struct session_outcome *outcome = &record->outcome;
    char text[LONGEST];
    goal.is_front = record->goal.is_front;
    fputs("<dl class=\"facts\">\n", stream);
    write_fact(stream, "Work", record->work.description);
    write_fact(stream, "Allocator", record->space.subject.description);
    session_words_goal(&goal, text, sizeof text);
    write_fact(stream, "Goal", text);
    snprintf(text, sizeof text, "%u candidates (%u failed) in %.0f s, seed %llu", outcome->trials, outcome->failed,
             outcome->seconds, (unsigned long long)record->seed);
    write_fact(stream, "Search", text);
    write_baseline(stream, record);
    if (outcome->status == SESSION_DONE && outcome->proof.pairs > 0) {
        session_words_noise(record, text, sizeof text);
        write_fact(stream, "Noise", text);
    }
    write_fact(stream, "Machine", record->space.machine.description);
    snprintf(text, sizeof text, "%s, by hakmem-tune %s", record->started, record->version);
    write_fact(stream, "Begun", text);
    fputs("</dl>\n", stream);
}

static void write_notes(FILE *stream, const struct session_record *record)
{
    char text[LONGEST];
    for (size_t i = 0; i < record->outcome.remarks.count; i++)
        page_sentence(stream, "note", remark_describe(&record->outcome.remarks.list[i], text, sizeof text));
    if (record->outcome.failed > 0) {
        snprintf(text, sizeof text, "the first candidate that failed: %s", record->outcome.first_failure);
        page_sentence(stream, "note", text);
    }
}

void session_part_verdict(FILE *stream, const struct session_record *record, const char *prefix)
{
    fprintf(stream, "<section id=\"%s-verdict\" aria-label=\"Verdict\" data-nav=\"Verdict\">\n", prefix);
    write_headline(stream, record);
    write_ends(stream, record);
    write_tables(stream, record);
    write_notes(stream, record);
    write_facts(stream, record);
    page_section_end(stream);
}
