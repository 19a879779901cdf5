/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A remark in words, with what to do. Pure; any thread. Below: cli/tune/remark. */
#ifndef HAK_REPORT_REMARK_WORDS_H
#define HAK_REPORT_REMARK_WORDS_H

#include "cli/tune/remark.h"

#include <stddef.h>

/* One line. Returns TEXT. */
const char *remark_describe(const struct remark *remark, char *text, size_t size);

#endif
