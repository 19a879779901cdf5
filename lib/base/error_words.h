/* SPDX-License-Identifier: MIT */
/* What the number of an error means, where strerror may not be called: it may allocate, and takes locks. Nothing is
 * below.
 */
#ifndef HAK_BASE_ERROR_WORDS_H
#define HAK_BASE_ERROR_WORDS_H

#include "lib/base/compiler.h"

/* Of a file that was to be written. */
COLD const char *error_words(int error);

#endif
