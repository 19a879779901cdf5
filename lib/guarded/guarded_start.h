/* SPDX-License-Identifier: MIT */
/* Whether the profile guards allocations (security.guarded), from the start of the process on: what was allocated
 * before its constructors is not guarded. Below: choose, describe, fault, guarded_slots. */
#ifndef HAK_GUARDED_GUARDED_START_H
#define HAK_GUARDED_GUARDED_START_H

#include "lib/base/compiler.h"

#include <stdbool.h>

/* Const after the start. */
extern HIDDEN bool guarded_is_on;

#endif
