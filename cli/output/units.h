/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures for people to read. Pure functions; any thread may call them. Nothing is below. */
#ifndef HAK_OUTPUT_UNITS_H
#define HAK_OUTPUT_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* Room for any text written here. */
#define UNITS_TEXT 32

/* BYTES as "48 KiB", "1.5 MiB", "17 bytes": three digits or so, in the largest unit that is not below 1. Returns TEXT.
 */
const char *units_size(uint64_t bytes, char *text, size_t size);

/* SECONDS as "45s", "1m05s", "2h03m". Returns TEXT. */
const char *units_duration(double seconds, char *text, size_t size);

/* A ratio as a gain: 1.034 is "+3.4%", 0.9 is "-10.0%". Returns TEXT. */
const char *units_gain(double ratio, char *text, size_t size);

#endif
