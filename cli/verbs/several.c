/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See several.h. */
#include "config.h"

#include "cli/verbs/several.h"

#include "cli/options/usage.h"
#include "cli/output/memory.h"

#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2

#define INSTALLED "installed"

bool several_is_meant(const char *text)
{
    return strcmp(text, INSTALLED) == 0 || strchr(text, ',');
}

/* --- which there are ---------------------------------------------------------------------------------------------- */

/* Chooses what NAME means, as the next. Returns 0, or the exit status with the reason in MESSAGE. */
static int add(struct several *several, const char *name, char *message)
{
    struct several_member *member = &several->members[several->count];
    member->session = must_have(calloc(1, sizeof *member->session));
    int status = tune_session_choose(member->session, several->options, name, message);
    if (status != 0) {
        free(member->session);
        *member = (struct several_member){.name = NULL};
        return status;
    }
    member->name = must_have(strdup(name));
    several->count++;
    return 0;
}

/* The C library's own comes first: it is what a program has today. */
static void put_first(struct several *several, size_t index)
{
    struct several_member moved = several->members[index];
    memmove(&several->members[1], &several->members[0], index * sizeof several->members[0]);
    several->members[0] = moved;
}

/* Those that are there and can be tuned. */
static int add_installed(struct several *several)
{
    char message[TUNE_SESSION_MESSAGE];
    char **known = choice_names();
    for (size_t i = 0; known[i]; i++) {
        bool has_room = several->count + 1 < SELECTION_MOST;
        if (has_room && add(several, known[i], message) != 0)
            progress_note(several->progress, "left out: %s", message);
        else if (has_room && !several->members[several->count - 1].session->choice.library)
            put_first(several, several->count - 1);
        free(known[i]);
    }
    free(known);
    int status = add(several, CHOICE_HAKMEM, message);
    if (status != 0)
        return usage_failure(VERB_TUNE, status, "%s", message);
    return several->count > 1
               ? 0
               : usage_error(VERB_TUNE, "--allocator " INSTALLED ": there is none beside %s", several->members[0].name);
}

static bool is_named(const struct several *several, const char *name)
{
    for (size_t i = 0; i < several->count; i++)
        if (strcmp(several->members[i].name, name) == 0)
            return true;
    return false;
}

static bool is_same(const struct several_member *one, const struct several_member *other)
{
    const struct subject *a = &one->session->choice.subject, *b = &other->session->choice.subject;
    bool same_library = a->library && b->library ? strcmp(a->library, b->library) == 0 : a->library == b->library;
    return same_library && strcmp(a->name, b->name) == 0;
}

/* The last one is none of those before it. */
static int check_last(const struct several *several)
{
    const struct several_member *last = &several->members[several->count - 1];
    for (const struct several_member *before = several->members; before < last; before++)
        if (is_same(before, last))
            return usage_error(VERB_TUNE, "--allocator: %s and %s are the same", before->name, last->name);
    return 0;
}

static int add_named(struct several *several, const char *name)
{
    char message[TUNE_SESSION_MESSAGE];
    const char *all = several->options->allocator;
    if (!*name)
        return usage_error(VERB_TUNE, "--allocator %s: a name is missing", all);
    if (is_named(several, name))
        return usage_error(VERB_TUNE, "--allocator: %s is given twice", name);
    if (several->count == SELECTION_MOST)
        return usage_error(VERB_TUNE, "--allocator: at most %d can be given", SELECTION_MOST);
    int status = add(several, name, message);
    if (status == EXIT_USAGE)
        return usage_error(VERB_TUNE, "%s", message);
    return status ? usage_failure(VERB_TUNE, status, "%s", message) : check_last(several);
}

static int add_listed(struct several *several)
{
    char *copy = must_have(strdup(several->options->allocator)), *rest = copy;
    int status = 0;
    for (char *name = strsep(&rest, ","); name && status == 0; name = strsep(&rest, ","))
        status = add_named(several, name);
    free(copy);
    return status;
}

/* --- what they are called ----------------------------------------------------------------------------------------- */

static const char *name_of(const struct several_member *member)
{
    return member->session->choice.subject.name;
}

static bool has_namesake(const struct several *several, const struct several_member *member)
{
    for (size_t i = 0; i < several->count; i++)
        if (&several->members[i] != member && strcmp(name_of(&several->members[i]), name_of(member)) == 0)
            return true;
    return false;
}

/* Whether one of the first COUNT has the label. */
static bool is_taken(const struct several *several, size_t count, const char *label)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(several->members[i].label, label) == 0)
            return true;
    return false;
}

/* "jemalloc 5.3.0": the allocator with its version, where that is known. */
static char *name_with_version(const struct several_member *member)
{
    const char *description = member->session->choice.subject.description;
    return must_have(strndup(description, strcspn(description, ",")));
}

/* Two of the same name are told by their versions, and where these are the same by numbers. */
static void label_all(struct several *several)
{
    for (size_t i = 0; i < several->count; i++) {
        struct several_member *member = &several->members[i];
        char *label = has_namesake(several, member) ? name_with_version(member) : must_have(strdup(name_of(member)));
        for (unsigned number = 2; is_taken(several, i, label); number++) {
            free(label);
            label = must_format("%s %u", name_of(member), number);
        }
        member->label = label;
    }
}

int several_choose(struct several *several, const struct options *options, struct progress *progress)
{
    *several = (struct several){.options = options, .progress = progress};
    int status = strcmp(options->allocator, INSTALLED) == 0 ? add_installed(several) : add_listed(several);
    if (status == 0)
        label_all(several);
    return status;
}

struct contender several_as_it_comes(const struct several_member *member)
{
    const struct subject *subject = &member->session->choice.subject;
    struct contender contender = {.label = must_have(strdup(member->label)),
                                  .gives_way = true,
                                  .library = subject->library ? must_have(strdup(subject->library)) : NULL};
    struct subject_values values;
    subject_defaults(subject, &values);
    if (subject->kind->in_environment)
        subject->kind->launch(subject, &values, "", &contender.environment);
    else
        contender.is_default = true;
    return contender;
}

void several_clear(struct several *several)
{
    for (size_t i = 0; i < several->count; i++) {
        struct several_member *member = &several->members[i];
        tune_session_clear(member->session);
        free(member->session);
        free(member->name);
        free(member->label);
    }
    several->count = 0;
}
