/* SPDX-License-Identifier: MIT */
/* What samples stand for. Any thread, any signal handler. Below: the profile. */
#ifndef HAK_SAMPLE_ESTIMATE_H
#define HAK_SAMPLE_ESTIMATE_H

#include "lib/base/compiler.h"

#include <stdint.h>

/* How many blocks of BYTES one sample stands for: 1 / (1 - exp(-BYTES / interval)), see sample_clock.h. */
COLD double estimate_weight(uint64_t bytes);

#endif
