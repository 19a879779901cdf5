/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See recommended_file.h. */
#include "config.h"

#include "cli/verbs/recommended_file.h"

#include "cli/options/usage.h"
#include "cli/output/memory.h"
#include "cli/output/whole_file.h"
#include "cli/report/cells.h"
#include "cli/report/session_words.h"
#include "cli/report/tuned_profile.h"
#include "cli/subject/environment_file.h"
#include "cli/subject/hakmem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define EXIT_USAGE 2

#define ENVIRONMENT_SUFFIX ".env"
#define PROFILE_SUFFIX ".yaml"

#define MAX_COMMENTS 12

/* --- before ------------------------------------------------------------------------------------------------------- */

static bool is_there(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_size > 0;
}

static int check(const char *path, bool is_profile)
{
    char message[PATH_MAX + HAK_PROFILE_MESSAGE_SIZE + 128], why[HAK_PROFILE_MESSAGE_SIZE + PATH_MAX];
    const struct subject hakmem = subject_hakmem(NULL);
    if (!whole_file_possible(path, message, sizeof message))
        return usage_failure(VERB_TUNE, 1, "%s", message);
    if (!is_there(path) ||
        (is_profile ? hakmem.kind->is_own(&hakmem, path, why, sizeof why) : environment_file_is(path, why, sizeof why)))
        return 0;
    return usage_error(VERB_TUNE, "%s is there and is none that may be replaced (%s); work in another directory", path,
                       why);
}

int recommended_file_check(const struct options *options, const struct workload *work)
{
    char path[PATH_MAX];
    tune_files_name_output(path, options->job, work, "", ENVIRONMENT_SUFFIX);
    int status = check(path, false);
    tune_files_name_output(path, options->job, work, "", PROFILE_SUFFIX);
    return status ? status : check(path, true);
}

/* --- where it came from ------------------------------------------------------------------------------------------- */

struct comments {
    char *lines[MAX_COMMENTS]; /* owned */
    size_t count;
};

static void __attribute__((format(printf, 2, 3))) add(struct comments *comments, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = must_have(NULL);
    va_end(arguments);
    if (comments->count == MAX_COMMENTS)
        abort();
    comments->lines[comments->count++] = text;
}

static void add_work(struct comments *comments, const struct workload *work)
{
    const struct workload_kind *kind = workload_kind(work);
    char line[1024];
    kind->describe(work, line, sizeof line);
    if (work->job[0])
        add(comments, "Job:       %s", work->job);
    add(comments, "%c%s: %*s%s", toupper((unsigned char)kind->label[0]), kind->label + 1,
        (int)(sizeof "Allocator" - 1 - strlen(kind->label)), "", line);
}

/* Against the first; of what is the first its own figures. */
static void add_figures(struct comments *comments, const struct comparison *race, size_t index)
{
    char time[CELL], memory[CELL], cost[CELL];
    add(comments, "Against %s: time %s, peak memory %s, cost %s", race->entries[0].label,
        cell_change(race, index, METRIC_TIME, false, time), cell_change(race, index, METRIC_PEAK_MEMORY, false, memory),
        cell_change(race, index, METRIC_COST, false, cost));
}

static void add_provenance(struct comments *comments, const struct selection_view *view,
                           const struct session_settings *settings, const struct selection_member *member, bool tuned)
{
    const struct selection *selection = view->selection;
    size_t best = selection->recommendation.best;
    char date[32], text[SELECTION_WORDS];
    time_t now = time(NULL);
    struct tm broken;
    strftime(date, sizeof date, "%Y-%m-%d", localtime_r(&now, &broken));
    add(comments, "Made by hakmem-tune " PACKAGE_VERSION " on %s, seed %llu, %zu contenders in %u rounds.", date,
        (unsigned long long)settings->seed, selection->race.count, selection->race.rounds);
    add(comments, "Allocator: %s", member->subject->description);
    add(comments, "Machine:   %s", settings->space->machine.description);
    add_work(comments, &settings->work);
    session_words_goal(view->goal, text, sizeof text);
    add(comments, "Goal:      %s", text);
    add(comments, "Result:    %s", selection_words_recommendation(view, text));
    if (best > 0)
        add_figures(comments, &selection->race, best);
    if (!tuned)
        add(comments, "It is the allocator as it comes.");
    else if (member->journal)
        add(comments, "Journal:   %s", member->journal);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static bool print(FILE *stream, const struct tune_session *session, bool tuned, const struct workload *work,
                  const struct comments *comments)
{
    const struct subject *subject = &session->choice.subject;
    const char *const *lines = (const char *const *)comments->lines;
    const struct launch_environment none = {.count = 0};
    struct subject_values values;
    char name[HAK_PROFILE_NAME_MAX];
    if (!tuned || !tune_session_winner(session, &values))
        return environment_file_write(stream, subject->library, &none, lines, comments->count);
    tuned_profile_name(work, "", name, sizeof name);
    return subject->kind->write(subject, &values, name, lines, comments->count, stream);
}

/* Into a file beside it first, which is renamed when it is complete. */
static int write_file(const struct recommended_file *file, const struct several *several,
                      const struct tune_session *session, bool tuned, const struct workload *work,
                      const struct comments *comments)
{
    struct whole_file whole;
    char message[PATH_MAX + 256];
    if (!whole_file_open(&whole, file->path, message, sizeof message))
        return usage_failure(VERB_TUNE, 1, "%s", message);
    bool good = print(whole.stream, session, tuned, work, comments);
    whole_file_keep_old(&whole);
    if (!whole_file_close(&whole, good, message, sizeof message))
        return usage_failure(VERB_TUNE, 1, "%s", message);
    if (whole.kept[0])
        progress_note(several->progress, "%s: the old one is kept as %s", file->path, whole.kept);
    return 0;
}

int recommended_file_write(struct recommended_file *file, const struct several *several,
                           const struct selection_view *view, const struct session_settings *settings)
{
    const struct selection *selection = view->selection;
    const struct recommendation *recommendation = &selection->recommendation;
    struct comments comments = {.count = 0};
    bool tuned, is_profile;
    size_t owner = selection_owner(selection, recommendation->best, &tuned);
    const struct subject *subject = view->members[owner].subject;
    *file = (struct recommended_file){.path = ""};
    if (recommendation->kind == RECOMMEND_TOO_FEW || (!tuned && !subject->library))
        return 0;
    is_profile = tuned && !subject->kind->in_environment;
    tune_files_name_output(file->path, several->options->job, &settings->work, "",
                           is_profile ? PROFILE_SUFFIX : ENVIRONMENT_SUFFIX);
    if (recommendation->kind != RECOMMEND_BETTER && is_there(file->path)) {
        progress_note(several->progress, "%s was there before and stays, as nothing better was found", file->path);
        file->path[0] = '\0';
        return 0;
    }
    add_provenance(&comments, view, settings, &view->members[owner], tuned);
    int status = write_file(file, several, several->members[owner].session, tuned, &settings->work, &comments);
    for (size_t i = 0; i < comments.count; i++)
        free(comments.lines[i]);
    if (status == 0 && is_profile && !realpath(file->path, file->profile))
        snprintf(file->profile, sizeof file->profile, "%s", file->path);
    return status;
}
