/* SPDX-License-Identifier: MIT */
/* Reads a profile from YAML text.
 *
 * A profile is taken as a whole or not at all: *profile is written on success only. Every failure is one line in
 * MESSAGE, in the form "FILE:LINE:COLUMN: what is wrong (what is taken)", or "FILE: ..." where no place in the text is
 * to blame; lines and columns count from 1, columns in characters. MESSAGE is best given HAK_PROFILE_MESSAGE_SIZE
 * bytes; a shorter one cuts the text.
 *
 * Nothing here has state, and any thread may call anything. libyaml calls malloc, this file does not; its frames stay
 * below 16 KiB. What libyaml allocates, all added up, was 76 KB for a usual profile and 331 KB at worst (64 KiB of
 * escapes and line breaks in one word). Below: schema, text, read_file, yaml_events. */
#ifndef HAK_PROFILE_LOAD_H
#define HAK_PROFILE_LOAD_H

#include "lib/profile/read_file.h"
#include "lib/profile/schema.h"

#include <stdbool.h>
#include <stddef.h>

/* Reads LENGTH bytes at TEXT, which messages call FILE_LABEL. */
COLD bool hak_profile_load_text(struct hak_profile *profile, const char *file_label, const char *text, size_t length,
                                char *message, size_t size);

/* Reads the regular file at PATH, with system calls alone. */
COLD bool hak_profile_load_file(struct hak_profile *profile, const char *path, char *message, size_t size);

#endif
