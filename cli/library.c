/* See library.h. */
#include "config.h"

#include "cli/library.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUR_NAME "libhakmem.so"
#define LIBRARY_ENV "HAKMEM_LIBRARY"

/* What each peer's library is called, best first: SONAMEs change from release to release. */
struct peer {
    const char *name;
    const char *package;      /* Debian's, for the message */
    const char *patterns[4];  /* for glob(), NULL at the end */
};

static const struct peer peers[] = {
    {"jemalloc", "libjemalloc2", {"libjemalloc.so.*", "libjemalloc.so", NULL}},
    {"mimalloc", "libmimalloc2.0", {"libmimalloc.so.*", "libmimalloc.so", NULL}},
    {"tcmalloc", "libtcmalloc-minimal4", {"libtcmalloc_minimal.so.*", "libtcmalloc.so.*", "libtcmalloc_minimal.so", NULL}},
};

/* Where libraries are: the multiarch directories of Debian and its kin match the third and fifth. */
static const char *const directories[] = {
    "/usr/local/lib", "/usr/local/lib64", "/usr/lib/*-linux-gnu*", "/usr/lib64", "/lib/*-linux-gnu*", "/usr/lib", "/lib64", "/lib",
};

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static char *absolute_file(const char *path, char *message, size_t size)
{
    char *absolute = realpath(path, NULL);
    if (!absolute) {
        snprintf(message, size, "library %s: %s", path, strerror(errno));
        return NULL;
    }
    if (is_file(absolute) && access(absolute, R_OK) == 0)
        return absolute;
    snprintf(message, size, "library %s: %s", path, is_file(absolute) ? strerror(errno) : "not a regular file");
    free(absolute);
    return NULL;
}

/* The directory of the running program, without a slash at its end. */
static bool program_directory(char *directory, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", directory, size - 1);
    if (length <= 0)
        return false;
    directory[length] = '\0';
    *strrchr(directory, '/') = '\0';
    return true;
}

/* Beside this program: in the build tree the program is in DIRECTORY or its .libs/ and the library in .libs/; installed, it is in bin/ and
 * the library in a lib directory next to that, wherever the whole was moved to. */
static char *ours_beside_program(void)
{
    static const char *const below[] = {".libs/", "", "../.libs/", "../lib/", "../lib64/"};
    char directory[PATH_MAX], path[PATH_MAX + 64];
    if (!program_directory(directory, sizeof directory))
        return NULL;
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        snprintf(path, sizeof path, "%s/%s" OUR_NAME, directory, below[i]);
        if (is_file(path))
            return realpath(path, NULL);
    }
    return NULL;
}

char *library_find_ours(const char *file, char *message, size_t size)
{
    const char *named = file ? file : getenv(LIBRARY_ENV);
    if (named && *named)
        return absolute_file(named, message, size);
    char *found = ours_beside_program();
#ifdef HAK_LIBRARY_DIR
    if (!found && is_file(HAK_LIBRARY_DIR "/" OUR_NAME))
        found = realpath(HAK_LIBRARY_DIR "/" OUR_NAME, NULL);
#endif
    if (!found)
        snprintf(message, size, OUR_NAME " is neither beside this program nor installed; name it with --library FILE or " LIBRARY_ENV);
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
    char *copy = strdup(path ? path : ""), *rest = copy, *found = NULL;
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

static char *find_known_peer(const struct peer *peer, char *message, size_t size)
{
    char *found = NULL;
    for (size_t i = 0; peer->patterns[i] && !found; i++)
        found = find_pattern(peer->patterns[i]);
    if (!found)
        snprintf(message, size, "lib:%s: not found on this machine (Debian package: %s)", peer->name, peer->package);
    return found;
}

char *library_find_peer(const char *name, char *message, size_t size)
{
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        if (strcmp(name, peers[i].name) == 0)
            return find_known_peer(&peers[i], message, size);
    }
    if (strchr(name, '/') || strstr(name, ".so"))
        return absolute_file(name, message, size);
    snprintf(message, size, "lib:%s: unknown (jemalloc, mimalloc, tcmalloc, glibc, or the path of a .so file)", name);
    return NULL;
}
