/* SPDX-License-Identifier: MIT */
/* Writing a record into a file. Any thread, in a signal handler as well; no cancellation point. Below: base/report. */
#ifndef HAK_OBSERVE_STATS_FILE_H
#define HAK_OBSERVE_STATS_FILE_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* Writes TEXT into the file PATH. A file of this process's OWN is replaced as a whole, or stays as it was. To another,
 * which processes may share, it is appended with one write, so that records do not mix; so it is to what is no regular
 * file. Returns 0, or the error's number. */
COLD int stats_file_write(const char *path, bool own, const char *text, size_t length);

#endif
