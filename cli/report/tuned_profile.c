/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tuned_profile.h. */
#include "config.h"

#include "cli/report/tuned_profile.h"

#include "cli/output/memory.h"
#include "cli/report/session_words.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MAX_COMMENTS 16
#define COMMENT_LENGTH 1024

void tuned_profile_name(const struct workload *work, const char *suffix, char *name, size_t size)
{
    char base[HAK_PROFILE_NAME_MAX];
    workload_name(work, base, sizeof base);
    const char *slash = strrchr(base, '/');
    snprintf(name, size, "%s%s", slash && slash[1] ? slash + 1 : base, suffix);
    for (char *at = name; *at; at++) {
        if (!isalnum((unsigned char)*at) && !strchr("._-+", *at))
            *at = '-';
    }
}

/* --- comments ----------------------------------------------------------------------------------------------------- */

struct comments {
    char text[MAX_COMMENTS][COMMENT_LENGTH];
    const char *lines[MAX_COMMENTS];
    size_t count;
};

static void __attribute__((format(printf, 2, 3))) add(struct comments *comments, const char *format, ...)
{
    if (comments->count == MAX_COMMENTS)
        return;
    char *text = comments->text[comments->count];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, COMMENT_LENGTH, format, arguments);
    va_end(arguments);
    comments->lines[comments->count++] = text;
}

static void add_work(struct comments *comments, const struct workload *work)
{
    const struct workload_kind *kind = workload_kind(work);
    char line[COMMENT_LENGTH - 32];
    kind->describe(work, line, sizeof line);
    if (work->job[0])
        add(comments, "Job:      %s", work->job);
    add(comments, "%c%s: %*s%s", toupper((unsigned char)kind->label[0]), kind->label + 1,
        (int)(sizeof "Workload" - 1 - strlen(kind->label)), "", line);
}

/* Each with its interval: what the profile is worth to who cares for something else. */
static void add_figures(struct comments *comments, const struct metric_set *set, const struct proof_finalist *winner)
{
    static const enum metric shown[] = {METRIC_TIME, METRIC_PEAK_MEMORY, METRIC_COST};
    char text[128], label[32];
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        if (!winner->figure[shown[i]].is_known)
            continue;
        snprintf(label, sizeof label, "%s:", session_words_title(set, shown[i]));
        label[0] = (char)toupper((unsigned char)label[0]);
        add(comments, "%-13s %s", label,
            session_words_change(set, shown[i], &winner->figure[shown[i]], text, sizeof text));
    }
}

static void add_winner(struct comments *comments, const struct session_settings *settings,
                       const struct session_record *record, enum goal_aim aim)
{
    const struct subject *subject = &settings->space->subject;
    const struct proof_finalist *winner = proof_winner(&record->outcome.proof, aim);
    char text[COMMENT_LENGTH - 32];
    if (!winner) {
        add(comments, "It is %s.", subject->kind->in_environment ? subject->baseline : "the built-in default");
        return;
    }
    add_figures(comments, &settings->goal.metrics, winner);
    add(comments, "Changed:  %s", space_describe(settings->space, &winner->point, text, sizeof text));
    session_words_noise(record, text, sizeof text);
    add(comments, "Noise:    %s", text);
}

static void add_provenance(struct comments *comments, const struct session_settings *settings,
                           const struct session_record *record, enum goal_aim aim)
{
    const struct goal goal = goal_for(&settings->goal, aim);
    const struct subject *subject = &settings->space->subject;
    char date[32], text[COMMENT_LENGTH - 32];
    time_t now = time(NULL);
    struct tm broken;
    strftime(date, sizeof date, "%Y-%m-%d", localtime_r(&now, &broken));
    add(comments, "Made by hakmem-tune " PACKAGE_VERSION " on %s, seed %llu, %u candidates in %.0f s.", date,
        (unsigned long long)settings->seed, record->outcome.trials, record->outcome.seconds);
    if (subject->kind->in_environment)
        add(comments, "Allocator: %s", subject->description);
    add(comments, "Machine:  %s", settings->space->machine.description);
    add_work(comments, &settings->work);
    session_words_goal(&goal, text, sizeof text);
    add(comments, "Goal:     %s", text);
    session_words_verdict(record, aim, text, sizeof text);
    add(comments, "Result:   %s", text);
    if (goal_aims(&settings->goal) > 1 && proof_winner(&record->outcome.proof, aim))
        add(comments, "It is the %s one of those that the session found.", goal_aim_name(aim));
    add_winner(comments, settings, record, aim);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static bool write_winner(FILE *stream, const struct session_settings *settings, const struct proof_finalist *winner,
                         const struct comments *comments)
{
    char name[HAK_PROFILE_NAME_MAX];
    const struct subject *subject = &settings->space->subject;
    struct subject_values values;
    struct space_point point = space_default(settings->space);
    if (winner)
        point = winner->point;
    tuned_profile_name(&settings->work, "", name, sizeof name);
    space_to_values(settings->space, &point, &values);
    return subject->kind->write(subject, &values, name, comments->lines, comments->count, stream);
}

bool tuned_profile_may_replace(const char *path, const struct subject *subject, char *message, size_t size)
{
    struct stat status;
    char why[HAK_PROFILE_MESSAGE_SIZE];
    if (stat(path, &status) != 0 || status.st_size == 0 || subject->kind->is_own(subject, path, why, sizeof why))
        return true;
    snprintf(message, size, "%s is there and cannot be read as a profile (%s); name another file with --output", path,
             why);
    return false;
}

bool tuned_profile_stays(const char *path, const struct session_record *record, enum goal_aim aim)
{
    struct stat status;
    return !proof_winner(&record->outcome.proof, aim) && stat(path, &status) == 0 && status.st_size > 0;
}

char *tuned_profile_make(const struct session_settings *settings, const struct session_record *record,
                         enum goal_aim aim)
{
    char *text = NULL;
    size_t size;
    struct comments *comments = must_have(calloc(1, sizeof *comments));
    FILE *stream = must_have(open_memstream(&text, &size));
    add_provenance(comments, settings, record, aim);
    bool good = write_winner(stream, settings, proof_winner(&record->outcome.proof, aim), comments);
    free(comments);
    if (fclose(stream) != 0 || !good)
        must_have(NULL); /* a stream in memory fails for want of it alone */
    return text;
}

bool tuned_profile_write(const char *path, const char *text, char kept[WHOLE_FILE_KEPT], char *message, size_t size)
{
    struct whole_file file;
    if (!whole_file_open(&file, path, message, size))
        return false;
    bool good = fputs(text, file.stream) >= 0;
    whole_file_keep_old(&file);
    bool saved = whole_file_close(&file, good, message, size);
    strcpy(kept, file.kept);
    return saved;
}
