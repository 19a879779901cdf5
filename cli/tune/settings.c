/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See settings.h. */
#include "config.h"

#include "cli/tune/settings.h"

#include <stdlib.h>

void session_listen(struct session_settings *settings, void (*hear)(void *, const struct tune_event *), void *context)
{
    if (settings->listener_count == SESSION_MOST_LISTENERS)
        abort();
    settings->listeners[settings->listener_count++] = (struct tune_listener){hear, context};
}

void session_past_clear(struct session_past *past)
{
    for (size_t i = 0; i < past->count; i++)
        candidate_clear(&past->candidates[i]);
    free(past->candidates);
    *past = (struct session_past){0};
}
