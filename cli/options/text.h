/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of text that several documents have of a row. Pure functions; any thread may call them. Below: table. */
#ifndef HAK_OPTIONS_TEXT_H
#define HAK_OPTIONS_TEXT_H

#include "cli/options/table.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for any of these texts. */
#define OPTION_TEXT_SIZE 512

/* What the value of ROW is called: "DURATION", "text|json"; "" where it has none. Returns TEXT. */
const char *option_argument(const struct option_row *row, char *text, size_t size);

/* "default: 60s"; "" where there is none. Returns TEXT. */
const char *option_default(const struct option_row *row, char *text, size_t size);

/* The description without the manual page's marks, and with a backslash before each letter of SPECIAL. Returns TEXT. */
const char *option_description(const struct option_row *row, const char *special, char *text, size_t size);

/* Names of the choices with SEPARATOR between. Returns TEXT. */
const char *option_choices(const struct option_row *row, const char *separator, char *text, size_t size);

/* Whether ROW is an option of VERB that documents have. */
bool option_shown(const struct option_row *row, enum verb verb);

#endif
