/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of hakmem-tune(1) that is made from the table: what is between the marks in doc/hakmem-tune.1, which
 * tests/options/manual.tap compares. Main thread. Below: text, values. */
#ifndef HAK_OPTIONS_MANUAL_H
#define HAK_OPTIONS_MANUAL_H

#include <stdio.h>

void manual_print(FILE *stream);

#endif
