/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See library.h. */
#include "config.h"

#include "cli/locate/library.h"

#include "cli/count/count.h"
#include "cli/locate/program.h"
#include "cli/output/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUR_NAME "libhakmem.so"
#define LIBRARY_ENV "HAKMEM_LIBRARY"
#define OUR_SYMBOL "hak_profile_value" /* no other allocator has it */

/* Where libraries are: the multiarch directories of Debian and its kin match the third and fifth. */
static const char *const directories[] = {
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/lib/*-linux-gnu*",
    "/usr/lib64",
    "/lib/*-linux-gnu*",
    "/usr/lib",
    "/lib64",
    "/lib",
};

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Whether LENGTH bytes are of a shared library with SYMBOL in one of its tables of strings. */
static bool is_library_with(const char *bytes, size_t length, const char *symbol)
{
    const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)(const void *)bytes;
    return length >= sizeof *header && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_type == ET_DYN &&
           memmem(bytes, length, symbol, strlen(symbol) + 1) != NULL;
}

/* Why the file at PATH cannot be the library that has SYMBOL; NULL if it can. */
static const char *refusal(const char *path, const char *symbol)
{
    struct stat status;
    if (!is_file(path))
        return "not a regular file";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return strerror(errno);
    bool known = fstat(fd, &status) == 0;
    void *bytes = known ? mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    close(fd);
    if (bytes == MAP_FAILED)
        return known && status.st_size == 0 ? "it is empty" : strerror(errno);
    bool good = is_library_with(bytes, (size_t)status.st_size, symbol);
    munmap(bytes, (size_t)status.st_size);
    return good                              ? NULL
           : strcmp(symbol, OUR_SYMBOL) == 0 ? "it is no libhakmem.so"
                                             : "it is no shared library that knows malloc";
}

static char *absolute_file(const char *path, const char *symbol, char *message, size_t size)
{
    char *absolute = realpath(path, NULL);
    if (!absolute) {
        snprintf(message, size, "library %s: %s", path, strerror(errno));
        return NULL;
    }
    const char *refused = refusal(absolute, symbol);
    if (!refused)
        return absolute;
    snprintf(message, size, "library %s: %s", path, refused);
    free(absolute);
    return NULL;
}

/* Beside this program: in the build tree the program is in DIRECTORY or its .libs/ and the library in .libs/;
 * installed, it is in bin/ and the library in a lib directory next to that, wherever the whole was moved to. */
static char *beside_program(const char *name)
{
    static const char *const below[] = {".libs/", "", "../.libs/", "../lib/", "../lib64/"};
    char *found = program_find_beside(name, below, sizeof below / sizeof *below, is_file);
    char *absolute = found ? realpath(found, NULL) : NULL;
    free(found);
    return absolute;
}

/* Beside this program, or where NAME is installed. */
static char *find_of_this_tree(const char *name)
{
    char *found = beside_program(name);
#ifdef HAK_LIBRARY_DIR
    char *installed = found ? NULL : must_format(HAK_LIBRARY_DIR "/%s", name);
    if (installed && is_file(installed))
        found = realpath(installed, NULL);
    free(installed);
#endif
    return found;
}

char *library_find_counter(void)
{
    return find_of_this_tree(COUNT_LIBRARY);
}

char *library_find_ours(const char *file, char *message, size_t size)
{
    const char *named = file ? file : getenv(LIBRARY_ENV);
    if (named && *named)
        return absolute_file(named, OUR_SYMBOL, message, size);
    char *found = find_of_this_tree(OUR_NAME);
    if (!found)
        snprintf(message, size,
                 OUR_NAME " is neither beside this program nor installed; name it with --library FILE or " LIBRARY_ENV);
    return found;
}

static char *glob_first(const char *directory, const char *pattern)
{
    char path[PATH_MAX];
    glob_t matches;
    char *found = NULL;
    snprintf(path, sizeof path, "%s/%s", directory, pattern);
    if (glob(path, 0, NULL, &matches) != 0)
        return NULL;
    for (size_t i = 0; i < matches.gl_pathc && !found; i++) {
        if (is_file(matches.gl_pathv[i]))
            found = realpath(matches.gl_pathv[i], NULL);
    }
    globfree(&matches);
    return found;
}

static char *find_in_search_path(const char *pattern)
{
    const char *path = getenv("LD_LIBRARY_PATH");
    char *copy = must_have(strdup(path ? path : "")), *rest = copy, *found = NULL;
    for (char *directory = strsep(&rest, ":"); directory && !found; directory = strsep(&rest, ":")) {
        if (*directory)
            found = glob_first(directory, pattern);
    }
    free(copy);
    return found;
}

static char *find_pattern(const char *pattern)
{
    char *found = find_in_search_path(pattern);
    for (size_t i = 0; i < sizeof directories / sizeof *directories && !found; i++)
        found = glob_first(directories[i], pattern);
    return found;
}

char *library_find_installed(const char *const *patterns)
{
    char *found = NULL;
    for (size_t i = 0; patterns[i] && !found; i++)
        found = find_pattern(patterns[i]);
    return found;
}

char *library_find_file(const char *path, char *message, size_t size)
{
    return absolute_file(path, "malloc", message, size);
}
