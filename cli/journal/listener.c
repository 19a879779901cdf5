/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See listener.h. */
#include "config.h"

#include "cli/journal/listener.h"

#include "cli/journal/file.h"
#include "cli/journal/record.h"

void journal_hear(void *journal, const struct tune_event *event)
{
    if (event->kind == TUNE_TRIAL_ENDED)
        journal_write(journal, record_trial(event->settings, event->candidate, event->heat, event->elapsed));
    else if (event->kind == TUNE_SIMPLIFIED)
        journal_write(journal, record_ablation(event->settings, event->aim, event->ablation, event->elapsed));
    else if (event->kind == TUNE_PAIR_ENDED)
        journal_write(journal, record_pair(event->settings, event->proof->pairs, event->heat, event->elapsed));
}
