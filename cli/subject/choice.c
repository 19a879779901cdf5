/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See choice.h. */
#include "config.h"

#include "cli/subject/choice.h"

#include "cli/locate/library.h"
#include "cli/locate/program.h"
#include "cli/output/memory.h"
#include "cli/subject/hakmem.h"

#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SPACES_ENV "HAKMEM_SPACES"
#define SUFFIX ".yaml"

/* --- where descriptions are --------------------------------------------------------------------------------------- */

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* malloc'd: $HAKMEM_SPACES, else beside this program in its tree or where it was installed, else where it was to be. */
static char *find_directory(void)
{
    static const char *const below[] = {"../", "../../", "../share/libhakmem/"};
    const char *named = getenv(SPACES_ENV);
    if (named && *named)
        return must_have(strdup(named));
    char *found = program_find_beside("spaces", below, sizeof below / sizeof *below, is_directory);
    return found ? found : must_have(strdup(HAK_SPACES_DIR));
}

/* All descriptions; free with globfree. */
static void list_files(const char *directory, glob_t *files)
{
    char *pattern = must_format("%s/*" SUFFIX, directory);
    memset(files, 0, sizeof *files);
    glob(pattern, 0, NULL, files);
    free(pattern);
}

/* The names of the descriptions, FIRST before them. */
static void name_known(const char *directory, const char *first, char *text, size_t size)
{
    glob_t files;
    list_files(directory, &files);
    size_t used = (size_t)snprintf(text, size, "%s", first);
    for (size_t i = 0; i < files.gl_pathc && used < size; i++) {
        const char *name = basename(files.gl_pathv[i]);
        used += (size_t)snprintf(text + used, size - used, "%s%.*s", used ? ", " : "",
                                 (int)(strlen(name) - strlen(SUFFIX)), name);
    }
    globfree(&files);
}

char **choice_names(void)
{
    glob_t files;
    char *directory = find_directory();
    list_files(directory, &files);
    char **names = must_have(calloc(files.gl_pathc + 1, sizeof *names));
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *name = basename(files.gl_pathv[i]);
        names[i] = must_have(strndup(name, strlen(name) - strlen(SUFFIX)));
    }
    globfree(&files);
    free(directory);
    return names;
}

/* The path of NAME's description in DIRECTORY, malloc'd; NULL: it has none. */
static char *find_description(const char *directory, const char *name)
{
    struct stat status;
    char *path = must_format("%s/%s" SUFFIX, directory, name);
    if (!strchr(name, '/') && stat(path, &status) == 0)
        return path;
    free(path);
    return NULL;
}

static bool is_file_of_settings(const char *text)
{
    size_t length = strlen(text);
    return length > strlen(SUFFIX) && strcmp(text + length - strlen(SUFFIX), SUFFIX) == 0;
}

bool choice_load(struct allocator *allocator, const char *name, char *message, size_t size)
{
    char known[512];
    if (is_file_of_settings(name))
        return allocator_load(allocator, name, message, size);
    char *directory = find_directory(), *path = find_description(directory, name);
    bool good = path && allocator_load(allocator, path, message, size);
    if (!path) {
        name_known(directory, CHOICE_HAKMEM, known, sizeof known);
        snprintf(message, size, "unknown allocator %.80s (%s; or FILE.so, NAME=FILE.so, FILE.yaml)", name, known);
    }
    free(directory);
    free(path);
    return good;
}

/* --- which library ------------------------------------------------------------------------------------------------ */

static bool has_library_like(const struct allocator *allocator, const char *path)
{
    for (size_t i = 0; allocator->patterns[i]; i++) {
        if (fnmatch(allocator->patterns[i], basename(path), 0) == 0)
            return true;
    }
    return false;
}

/* Loads the description whose library's name is like that of PATH. */
static bool load_by_library(struct allocator *allocator, const char *path, char *message, size_t size)
{
    char *directory = find_directory();
    glob_t files;
    bool found = false;
    list_files(directory, &files);
    for (size_t i = 0; i < files.gl_pathc && !found; i++) {
        if (!allocator_load(allocator, files.gl_pathv[i], message, size))
            continue;
        found = has_library_like(allocator, path);
        if (!found)
            allocator_free(allocator);
    }
    globfree(&files);
    if (!found)
        snprintf(message, size, "%s: no file of %s is for a library of this name; write NAME=%s", path, directory,
                 path);
    free(directory);
    return found;
}

/* Not a name of a description. */
static bool is_path(const char *text)
{
    return strchr(text, '/') || strstr(text, ".so");
}

static bool is_library_file(const char *text)
{
    return !is_file_of_settings(text) && is_path(text);
}

/* The library of ALLOCATOR, FILE or an installed one, into *LIBRARY. */
static bool find_library(const struct allocator *allocator, const char *file, char **library, char *message,
                         size_t size)
{
    *library = NULL;
    if (!file && !allocator->patterns[0]) /* the C library's own */
        return true;
    *library = file ? library_find_file(file, message, size) : library_find_installed(allocator->patterns);
    if (!*library && !file)
        snprintf(message, size, "%s is not installed on this machine%s%s%s", allocator->name,
                 allocator->package ? " (Debian package: " : "", allocator->package ? allocator->package : "",
                 allocator->package ? ")" : "");
    return *library != NULL;
}

static bool find_library_of(const char *name, char **library, char *message, size_t size)
{
    char known[512];
    char *directory = find_directory(), *path = find_description(directory, name);
    struct allocator *allocator = must_have(malloc(sizeof *allocator));
    bool found = false;
    if (!path) {
        name_known(directory, "", known, sizeof known);
        snprintf(message, size, "unknown allocator %.80s (%s; or FILE.so)", name, known);
    } else if (allocator_load(allocator, path, message, size)) {
        found = find_library(allocator, NULL, library, message, size);
        allocator_free(allocator);
    }
    free(allocator);
    free(directory);
    free(path);
    return found;
}

bool choice_library(const char *text, char **library, char *message, size_t size)
{
    if (!is_path(text))
        return find_library_of(text, library, message, size);
    *library = library_find_file(text, message, size);
    return *library != NULL;
}

static bool load(struct subject_choice *choice, const char *text, const char **file, char *message, size_t size)
{
    const char *equal = strchr(text, '=');
    *file = is_library_file(text) ? text : NULL;
    if (equal && !memchr(text, '/', (size_t)(equal - text))) {
        char *name = must_have(strndup(text, (size_t)(equal - text)));
        bool good = choice_load(&choice->allocator, name, message, size);
        *file = equal + 1;
        free(name);
        return good;
    }
    return *file ? load_by_library(&choice->allocator, text, message, size)
                 : choice_load(&choice->allocator, text, message, size);
}

/* --- the subject -------------------------------------------------------------------------------------------------- */

bool choice_of_hakmem(struct subject_choice *choice, const char *file, char *message, size_t size)
{
    memset(choice, 0, sizeof *choice);
    choice->library = library_find_ours(file, message, size);
    choice->subject = subject_hakmem(choice->library);
    return choice->library != NULL;
}

static void describe(struct subject_choice *choice, const char *version)
{
    const char *name = choice->allocator.name, *library = choice->library;
    const char *blank = version[0] ? " " : "";
    choice->description = must_format("%s%s%s%s%s", name, blank, version, library ? ", " : "", library ? library : "");
    choice->baseline = must_format("%s%s%s as it comes", name, blank, version);
    choice->subject = subject_allocator(&choice->allocator, choice->library);
    choice->subject.description = choice->description;
    choice->subject.baseline = choice->baseline;
}

bool choice_of_allocator(struct subject_choice *choice, const char *text, char *message, size_t size)
{
    const char *file;
    char version[ALLOCATOR_VERSION_SIZE];
    memset(choice, 0, sizeof *choice);
    if (!load(choice, text, &file, message, size))
        return false;
    if (!find_library(&choice->allocator, file, &choice->library, message, size)) {
        choice_clear(choice);
        return false;
    }
    allocator_ask_version(&choice->allocator, choice->library, version);
    if (!choice->library && choice->allocator.version.is_asked && !version[0]) {
        snprintf(message, size, "%s is not what this program runs with", choice->allocator.name);
        choice_clear(choice);
        return false;
    }
    if (version[0])
        allocator_limit_to(&choice->allocator, version);
    bool good = allocator_confirm(&choice->allocator, choice->library, version, message, size);
    describe(choice, version);
    if (!good)
        choice_clear(choice);
    return good;
}

void choice_clear(struct subject_choice *choice)
{
    allocator_free(&choice->allocator);
    free(choice->library);
    free(choice->description);
    free(choice->baseline);
    choice->library = choice->description = choice->baseline = NULL;
}
