/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts as YAML scalars that are read back as the same texts. Pure functions; any thread may call them. Below:
 * lib/profile/text. */
#ifndef HAK_YAML_SCALAR_H
#define HAK_YAML_SCALAR_H

#include <stdbool.h>
#include <stdio.h>

/* Whether TEXT is UTF-8: YAML has no way to say other bytes. */
bool yaml_scalar_possible(const char *text);

/* Writes TEXT, which is possible, plainly where that is the same text, else in double quotes. IN_LIST: between the
 * brackets of a list. */
void yaml_scalar_print(FILE *stream, const char *text, bool in_list);

#endif
