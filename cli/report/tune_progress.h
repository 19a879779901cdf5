/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session's events in words, on the progress line. The session's thread. Below: cli/tune/events, cli/output/progress.
 */
#ifndef HAK_REPORT_TUNE_PROGRESS_H
#define HAK_REPORT_TUNE_PROGRESS_H

#include "cli/tune/events.h"

/* For session_listen(); PROGRESS is a struct progress. */
void tune_progress_hear(void *progress, const struct tune_event *event);

#endif
