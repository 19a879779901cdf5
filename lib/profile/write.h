/* SPDX-License-Identifier: MIT */
/* Writes a profile as the YAML text that load.h reads. For the programs; the library itself never writes one.
 * Any thread may call it, on a stream of its own. Below: schema, text. */
#ifndef HAK_PROFILE_WRITE_H
#define HAK_PROFILE_WRITE_H

#include "lib/profile/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Writes the version, the name and what else of PROFILE, which passes hak_profile_check, differs from the default,
 * after COUNT comments (provenance). A line break in a comment starts another comment line; characters that YAML does
 * not take become '?'. What is read back equals PROFILE (under an explicit class map the spacing, which has no effect
 * then, is the default). Returns false if the stream has an error; errno is of the failed write. */
COLD bool hak_profile_write(FILE *stream, const struct hak_profile *profile, const char *const *comments, size_t count);

#endif
