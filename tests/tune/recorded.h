/* SPDX-License-Identifier: MIT */
/* What a session that has ended leaves for its reports. */
#ifndef TEST_RECORDED_H
#define TEST_RECORDED_H

#include "cli/journal/record_header.h"
#include "cli/journal/record_outcome.h"
#include "cli/journal/session_record.h"

#include <stdlib.h>

/* session_record_clear() and free() afterwards. */
static inline struct session_record *recorded(const struct session_settings *settings,
                                              const struct session_outcome *outcome)
{
    char message[512];
    struct session_record *record = calloc(1, sizeof *record);
    json_t *header = record_header(settings, NULL, NULL), *line = record_outcome(settings, outcome);
    if (!record || !session_record_begin(record, header, message, sizeof message))
        abort();
    session_record_take(record, line);
    session_record_conclude(record);
    json_decref(header);
    json_decref(line);
    return record;
}

static inline void recorded_free(struct session_record *record)
{
    session_record_clear(record);
    free(record);
}

#endif
