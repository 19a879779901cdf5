/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running out of memory, which hakmem-tune does not try to survive. Any thread may call anything. Nothing is below. */
#ifndef HAK_OUTPUT_MEMORY_H
#define HAK_OUTPUT_MEMORY_H

/* MEMORY that was asked for and must be there: for NULL the program ends with status 1 and one line. The measuring
 * engine alone tells its caller instead: it has contenders to end. */
void *must_have(void *memory) __attribute__((returns_nonnull));

/* A malloc'd text; ends the program like must_have. */
char *must_format(const char *format, ...) __attribute__((returns_nonnull, format(printf, 1, 2)));

#endif
