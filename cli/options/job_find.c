/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See job_find.h. */
#include "config.h"

#include "cli/options/job_find.h"

#include "cli/locate/program.h"
#include "cli/output/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    return length > strlen(ending) && strcmp(text + length - strlen(ending), ending) == 0;
}

static bool is_path(const char *word)
{
    return strchr(word, '/') || ends_with(word, ".yaml") || ends_with(word, ".yml");
}

static bool is_readable(const char *path)
{
    return access(path, R_OK) == 0;
}

/* FILE among the jobs, malloc'd, or NULL: beside this program in its tree or where it was installed, else where it was
 * to be. */
static char *find_file(const char *file)
{
    static const char *const below[] = {"../jobs/", "../../jobs/", "../share/libhakmem/jobs/"};
    char *path = program_find_beside(file, below, sizeof below / sizeof *below, is_readable);
    if (!path)
        path = must_format(HAK_JOBS_DIR "/%s", file);
    if (is_readable(path))
        return path;
    free(path);
    return NULL;
}

static char *find_installed(const char *name)
{
    if (!*name)
        return NULL;
    char *file = must_format("%s.yaml", name);
    char *path = find_file(file);
    free(file);
    return path;
}

bool job_is_meant(const char *word)
{
    char *installed = is_path(word) ? NULL : find_installed(word);
    free(installed);
    return installed || is_path(word);
}

char *job_find(const char *word)
{
    char *installed = is_path(word) ? NULL : find_installed(word);
    return installed ? installed : must_have(strdup(word));
}

static int is_job(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && ends_with(entry->d_name, ".yaml");
}

void job_each(void (*take)(void *context, const char *name), void *context)
{
    char *directory = find_file(".");
    struct dirent **entries = NULL;
    int count = directory ? scandir(directory, &entries, is_job, alphasort) : 0;
    for (int i = 0; i < count; i++) {
        entries[i]->d_name[strlen(entries[i]->d_name) - strlen(".yaml")] = '\0';
        take(context, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    free(directory);
}

void job_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    snprintf(name, size, "%.*s", (int)strcspn(file, "."), file);
}
