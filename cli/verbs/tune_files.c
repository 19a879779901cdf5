/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_files.h. */
#include "config.h"

#include "cli/verbs/tune_files.h"

#include "cli/output/memory.h"
#include "cli/output/whole_file.h"
#include "cli/report/session_report.h"
#include "cli/report/tuned_profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define EXIT_USAGE 2

#define STANDARD_OUTPUT "-"
#define JOURNAL_SUFFIX ".journal"

/* --- names -------------------------------------------------------------------------------------------------------- */

bool tune_files_to_standard_output(const struct tune_files *files)
{
    return strcmp(files->profile[GOAL_RECOMMENDED], STANDARD_OUTPUT) == 0;
}

static bool is_same_file(const char *path, const char *other)
{
    struct stat one, two;
    return stat(path, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

void tune_files_name_output(char path[PATH_MAX], const char *job, const struct workload *work, const char *allocator,
                            const char *suffix)
{
    char *ending = must_format("%s%s%s", *allocator ? "-" : "", allocator, suffix);
    tuned_profile_name(work, ending, path, PATH_MAX);
    free(ending);
    if (!job || !is_same_file(path, job))
        return;
    ending = must_format("-tuned%s", suffix);
    tuned_profile_name(work, ending, path, PATH_MAX);
    free(ending);
}

/* Takes ENDING off STEM. Returns what was there of it. */
static const char *cut(char *stem, const char *ending)
{
    size_t length = strlen(stem), suffix = strlen(ending);
    if (length <= suffix || strcmp(stem + length - suffix, ending) != 0)
        return "";
    stem[length - suffix] = '\0';
    return ending;
}

static void name_beside(char path[PATH_MAX], const char *stem, const char *separator, const char *word,
                        const char *ending)
{
    int longest = PATH_MAX - 1 - (int)(strlen(separator) + strlen(word) + strlen(ending));
    snprintf(path, PATH_MAX, "%.*s%s%s%s", longest, stem, separator, word, ending);
}

void tune_files_name(struct tune_files *files, const struct options *options, const struct session_settings *settings,
                     const struct subject *subject, const char *allocator)
{
    char stem[PATH_MAX], *first = files->profile[GOAL_RECOMMENDED];
    if (options->output)
        snprintf(first, PATH_MAX, "%s", options->output);
    else
        tune_files_name_output(first, options->job, &settings->work, allocator, subject->kind->suffix);
    bool is_file = !tune_files_to_standard_output(files);
    if (is_file)
        snprintf(stem, sizeof stem, "%s", first);
    else
        tuned_profile_name(&settings->work, "", stem, sizeof stem);
    const char *ending = cut(stem, subject->kind->suffix);
    for (enum goal_aim aim = GOAL_RECOMMENDED + 1; is_file && aim < goal_aims(&settings->goal); aim++)
        name_beside(files->profile[aim], stem, "-", goal_aim_name(aim), ending);
    if (options->journal)
        snprintf(files->journal, sizeof files->journal, "%s", options->journal);
    else
        name_beside(files->journal, stem, "", "", JOURNAL_SUFFIX);
}

int tune_files_check(const struct tune_files *files, const struct subject *subject, char *message, size_t size)
{
    for (size_t aim = 0; aim < GOAL_AIMS; aim++) {
        const char *path = files->profile[aim];
        if (!*path || (aim == GOAL_RECOMMENDED && tune_files_to_standard_output(files)))
            continue;
        if (!whole_file_possible(path, message, size))
            return 1;
        if (!tuned_profile_may_replace(path, subject, message, size))
            return EXIT_USAGE;
    }
    return 0;
}

/* --- saving ------------------------------------------------------------------------------------------------------- */

/* What is being saved. */
struct saving {
    const struct session_settings *settings;
    const struct session_record *record;
    struct progress *progress;
    struct record_files *saved;
};

static bool save(const struct saving *saving, const char *path, enum goal_aim aim, char *message, size_t size)
{
    char kept[WHOLE_FILE_KEPT];
    saving->saved->text[aim] = tuned_profile_make(saving->settings, saving->record, aim);
    if (!tuned_profile_write(path, saving->saved->text[aim], kept, message, size))
        return false;
    saving->saved->path[aim] = path;
    if (kept[0])
        progress_note(saving->progress, "%s: the old one is kept as %s", path, kept);
    return true;
}

/* An end of the front that is another one's winner too has no file of its own. */
static bool is_to_be_saved(const struct tune_files *files, const struct proof *proof, enum goal_aim aim)
{
    return files->profile[aim][0] && proof_winner(proof, aim) && session_report_same(proof, aim) == aim;
}

static bool save_ends(const struct saving *saving, const struct tune_files *files, char *message, size_t size)
{
    for (enum goal_aim aim = GOAL_RECOMMENDED + 1; aim < GOAL_AIMS; aim++)
        if (is_to_be_saved(files, &saving->record->outcome.proof, aim) &&
            !save(saving, files->profile[aim], aim, message, size))
            return false;
    return true;
}

/* Its errors are seen at the program's end. */
static void print_recommended(const struct saving *saving)
{
    saving->saved->path[GOAL_RECOMMENDED] = STANDARD_OUTPUT;
    saving->saved->text[GOAL_RECOMMENDED] = tuned_profile_make(saving->settings, saving->record, GOAL_RECOMMENDED);
    fputs(saving->saved->text[GOAL_RECOMMENDED], stdout);
}

bool tune_files_save(struct tune_files *files, const struct session_settings *settings,
                     const struct session_record *record, struct progress *progress, struct record_files *saved,
                     char *message, size_t size)
{
    const char *first = files->profile[GOAL_RECOMMENDED];
    const struct saving saving = {settings, record, progress, saved};
    if (tune_files_to_standard_output(files)) {
        print_recommended(&saving);
        return true;
    }
    if (files->winners_alone && !proof_winner(&record->outcome.proof, GOAL_RECOMMENDED))
        return save_ends(&saving, files, message, size);
    files->left = tuned_profile_stays(first, record, GOAL_RECOMMENDED);
    if (files->left)
        saved->stays = first;
    else if (!save(&saving, first, GOAL_RECOMMENDED, message, size))
        return false;
    return save_ends(&saving, files, message, size);
}

void tune_files_clear(struct record_files *saved)
{
    for (size_t aim = 0; aim < GOAL_AIMS; aim++)
        free(saved->text[aim]);
}
