/* SPDX-License-Identifier: MIT */
/* What HAKMEM_STATS asks for: in which form, where to.
 *
 * Pure functions. Below: base/file_name, base/writer. */
#ifndef HAK_OBSERVE_STATS_REQUEST_H
#define HAK_OBSERVE_STATS_REQUEST_H

#include "lib/base/writer.h"

#include <stdbool.h>

enum stats_form { STATS_NONE, STATS_LINE, STATS_TEXT, STATS_JSON };

/* Bytes of a file's name, its NUL included. */
#define STATS_PATH_SIZE 4096

struct stats_request {
    enum stats_form form;
    char path[STATS_PATH_SIZE]; /* with %p and so on (base/file_name.h); "": standard error */
};

/* Reads VALUE: "", "0"; "1", "all" or "json"; FORM,FILE; FILE alone, which has a "/", a "." or a "%" in its name, and
 * is JSON where it ends in ".json". A relative FILE is in DIRECTORY (NULL: not known, so it stays relative). False,
 * with what is wrong in MESSAGE, where it is none of these. */
COLD bool stats_request_parse(const char *value, const char *directory, struct stats_request *request,
                              struct writer *message);

#endif
