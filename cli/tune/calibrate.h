/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration: how long one run of the work takes under the default, and how much work makes a run long enough. One
 * thread. Below: state. */
#ifndef HAK_TUNE_CALIBRATE_H
#define HAK_TUNE_CALIBRATE_H

#include "cli/tune/state.h"

/* Fills in the session's pace, and what it knows of the baseline and of noise. False: the session has ended. */
bool calibrate(struct session *session);

#endif
