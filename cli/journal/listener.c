/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See listener.h. */
#include "config.h"

#include "cli/journal/listener.h"

#include "cli/journal/record.h"

void journal_add(const struct journal_listener *listener, json_t *line)
{
    session_record_take(listener->record, line);
    journal_write(listener->file, line);
}

void journal_hear(void *listener, const struct tune_event *event)
{
    static json_t *(*const record[])(const struct tune_event *event) = {
        [TUNE_STAGE_BEGAN] = record_stage, [TUNE_CALIBRATED] = record_calibration, [TUNE_REMARK] = record_remark,
        [TUNE_TRIAL_ENDED] = record_trial, [TUNE_SIMPLIFIED] = record_ablation,    [TUNE_PAIR_ENDED] = record_pair,
        [TUNE_NOTHING_TO_PROVE] = NULL,
    };
    if (event->kind == TUNE_PAIR_ENDED && event->proof->pairs == 1)
        journal_add(listener, record_finalists(event));
    if (record[event->kind])
        journal_add(listener, record[event->kind](event));
}
