/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See contender.h. */
#include "config.h"

#include "cli/compare/contender.h"

#include "cli/locate/library.h"
#include "cli/output/memory.h"
#include "cli/subject/choice.h"
#include "lib/profile/find.h"
#include "lib/profile/load.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY_PREFIX "lib:"

static bool resolve_library(struct contender *contender, const char *name, char *message, size_t size)
{
    if (strcmp(name, "glibc") == 0) /* what every program has when nothing is preloaded, on musl too */
        return true;
    return choice_library(name, &contender->library, message, size);
}

static bool resolve_profile(struct contender *contender, const char *name, const char *library, char *message,
                            size_t size)
{
    contender->library = library_find_ours(library, message, size);
    if (!contender->library)
        return false;
    contender->is_default = strcmp(name, "default") == 0;
    if (contender->is_default)
        return true;
    char found[PATH_MAX];
    struct hak_profile profile;
    if (!hak_profile_find(name, found, sizeof found, message, size) ||
        !hak_profile_load_file(&profile, found, message, size))
        return false;
    contender->profile = realpath(found, NULL);
    if (!contender->profile)
        snprintf(message, size, "%s: %s", found, strerror(errno));
    return contender->profile != NULL;
}

/* A label holds no slash and no colon, so that ./a=b.yaml and lib:/a=b.so are what they look like. */
static const char *split_label(const char *text, size_t *label_length)
{
    size_t length = strcspn(text, "=/:");
    if (text[length] != '=' || length == 0) {
        *label_length = strlen(text);
        return text;
    }
    *label_length = length;
    return text + length + 1;
}

bool contender_parse(struct contender *contender, const char *text, const char *library, char *message, size_t size)
{
    size_t label_length;
    const char *what = split_label(text, &label_length);
    *contender = (struct contender){.label = must_have(strndup(text, label_length))};
    bool is_library = strncmp(what, LIBRARY_PREFIX, sizeof LIBRARY_PREFIX - 1) == 0;
    contender->gives_way = is_library && what == text;
    bool resolved = is_library ? resolve_library(contender, what + sizeof LIBRARY_PREFIX - 1, message, size)
                               : resolve_profile(contender, what, library, message, size);
    if (!resolved)
        contenders_clear(contender, 1);
    return resolved;
}

static unsigned count_label(const struct contender *contenders, size_t count, const char *label)
{
    unsigned found = 0;
    for (size_t i = 0; i < count; i++)
        found += strcmp(contenders[i].label, label) == 0;
    return found;
}

void contenders_tell_apart(struct contender *contenders, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (count_label(contenders, i, contenders[i].label) == 0)
            continue;
        char *label = NULL;
        for (unsigned number = 2; !label; number++) {
            label = must_format("%s (%u)", contenders[i].label, number);
            if (count_label(contenders, i, label) > 0) {
                free(label);
                label = NULL;
            }
        }
        free(contenders[i].label);
        contenders[i].label = label;
    }
}

void contenders_clear(struct contender *contenders, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(contenders[i].label);
        free(contenders[i].library);
        free(contenders[i].profile);
        launch_clear(&contenders[i].environment);
        contenders[i] = (struct contender){0};
    }
}
