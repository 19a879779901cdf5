/* SPDX-License-Identifier: MIT */
/* What HAKMEM_STATS and HAKMEM_STATS_SIGNAL ask for: in which form, where to, on which signal.
 *
 * Pure functions. Below: base/writer, base/process. */
#ifndef HAK_OBSERVE_STATS_REQUEST_H
#define HAK_OBSERVE_STATS_REQUEST_H

#include "lib/base/writer.h"

#include <stdbool.h>

enum stats_form { STATS_NONE, STATS_LINE, STATS_TEXT, STATS_JSON };

/* Bytes of a file's name, its NUL included. */
#define STATS_PATH_SIZE 4096

struct stats_request {
    enum stats_form form;
    char path[STATS_PATH_SIZE]; /* with %p and so on; "": standard error */
};

/* Reads VALUE: "", "0"; "1", "all" or "json"; FORM,FILE; FILE alone, which has a "/", a "." or a "%" in its name, and
 * is JSON where it ends in ".json". A relative FILE is in DIRECTORY (NULL: not known, so it stays relative). False,
 * with what is wrong in MESSAGE, where it is none of these. */
COLD bool stats_request_parse(const char *value, const char *directory, struct stats_request *request,
                              struct writer *message);

/* What is known when a record is written. */
struct stats_names {
    const char *program;
    uint64_t pid, seconds;
};

/* Writes PATH with what its %p (pid), %n (program), %t (time, UTC) and %% stand for. */
COLD void stats_request_expand(struct writer *, const char *path, const struct stats_names *names);

/* Whether the file is this process's alone, since its name has the pid. */
COLD bool stats_request_is_own_file(const char *path);

/* The number of the signal in TEXT: "USR2", "SIGUSR2", "12". 0, with what is wrong in MESSAGE, where there is none such
 * or a process needs it for itself. */
COLD int stats_request_signal(const char *text, struct writer *message);

#endif
