/* SPDX-License-Identifier: MIT */
/* Which profile is meant. See find.h. */
#include "config.h"

#include "lib/profile/find.h"

#include "lib/profile/load.h"
#include "lib/profile/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".yaml"
/* A path, and a name, in a message: three of them and the text around fit into HAK_PROFILE_MESSAGE_SIZE. */
#define PATH_EXCERPT 300

static bool ends_with_suffix(const char *name)
{
    size_t length = strlen(name), suffix = strlen(SUFFIX);
    return length > suffix && strcmp(name + length - suffix, SUFFIX) == 0;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Whether NAME is a file of the current directory that says by its suffix that it is a profile. */
static bool is_here(const char *name)
{
    return ends_with_suffix(name) && exists(name);
}

/* "DIRECTORY MIDDLE NAME.yaml" in one; false if it is too long to be a path. */
static bool join(const char *directory, const char *middle, const char *name, char *path, size_t size)
{
    size_t length = hak_text_join(path, size, directory, middle, name);
    if (!ends_with_suffix(name) && length < size)
        length += hak_text_join(path + length, size - length, SUFFIX, "", "");
    return length < size;
}

/* The XDG base directory specification: a relative XDG_CONFIG_HOME is to be ignored. */
static bool user_path(const char *name, char *path, size_t size)
{
    const char *config = secure_getenv("XDG_CONFIG_HOME");
    if (config && config[0] == '/')
        return join(config, "/hakmem/", name, path, size);
    const char *home = secure_getenv("HOME");
    return home && home[0] == '/' && join(home, "/.config/hakmem/", name, path, size);
}

/* LOOKED_AT: the file of the user, or "" without one. */
static bool fail_not_found(const char *name, const char *looked_at, char *message, size_t size)
{
    char shown[HAK_TEXT_EXCERPT], user[PATH_EXCERPT], installed[PATH_EXCERPT];
    hak_text_excerpt(name, shown, sizeof shown);
    hak_text_excerpt_end(looked_at, user, sizeof user);
    hak_text_excerpt_end(HAK_TUNINGS_DIR, installed, sizeof installed);
    if (ends_with_suffix(name))
        snprintf(message, size, "no profile is named \"%s\" (looked for it here, as %s%s%s/%s)", shown, user,
                 *user ? " and as " : "", installed, shown);
    else
        snprintf(message, size,
                 "no profile is named \"%s\" (looked for %s%s%s/%s" SUFFIX "; a path has a slash or ends in " SUFFIX
                 ")",
                 shown, user, *user ? " and " : "", installed, shown);
    return false;
}

bool hak_profile_find(const char *reference, char *path, size_t path_size, char *message, size_t size)
{
    if (strchr(reference, '/') || is_here(reference)) {
        if (hak_text_join(path, path_size, reference, "", "") < path_size)
            return true;
        char shown[PATH_EXCERPT];
        snprintf(message, size, "%s: the path is too long", hak_text_excerpt_end(reference, shown, sizeof shown));
        return false;
    }
    char user[HAK_PROFILE_PATH_SIZE];
    if (!user_path(reference, user, sizeof user))
        user[0] = '\0';
    if (*user && exists(user) && strlen(user) < path_size) {
        memcpy(path, user, strlen(user) + 1);
        return true;
    }
    if (*reference && join(HAK_TUNINGS_DIR, "/", reference, path, path_size) && exists(path))
        return true;
    return fail_not_found(reference, user, message, size);
}

bool hak_profile_is_named(void)
{
    const char *reference = secure_getenv("HAKMEM_PROFILE");
    return reference && *reference;
}

enum hak_profile_origin hak_profile_from_environment(struct hak_profile *profile, char *source, size_t source_size,
                                                     char *message, size_t size)
{
    if (!hak_profile_is_named())
        return HAK_PROFILE_DEFAULT;
    const char *reference = secure_getenv("HAKMEM_PROFILE");
    char path[HAK_PROFILE_PATH_SIZE];
    if (!hak_profile_find(reference, path, sizeof path, message, size) ||
        !hak_profile_load_file(profile, path, message, size))
        return HAK_PROFILE_REFUSED;
    hak_text_join(source, source_size, path, "", "");
    return HAK_PROFILE_LOADED;
}

bool hak_profile_is_strict(void)
{
    const char *strict = secure_getenv("HAKMEM_PROFILE_STRICT");
    return strict && strcmp(strict, "1") == 0;
}
