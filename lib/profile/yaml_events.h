/* SPDX-License-Identifier: MIT */
/* A profile's text as libyaml's events, one at a time, each with its place; and the one message that says what is wrong
 * with it and where.
 *
 * What no profile may hold is refused here: text that is not UTF-8 or has NUL characters, anchors, aliases and tags.
 * Every function that returns false or NULL has written the message.
 *
 * Nothing here has state of its own, and any thread may call anything. libyaml calls malloc, this file does not. Below:
 * text, yaml_library. */
#ifndef HAK_PROFILE_YAML_EVENTS_H
#define HAK_PROFILE_YAML_EVENTS_H

#include "lib/profile/yaml_library.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in the text, both counted from 1. Line 0: nowhere. */
struct place {
    uint32_t line, column;
};

struct yaml_events {
    const char *label;    /* the file's name in messages; set by the caller, as the next four are */
    const char *text;     /* all of the input */
    size_t length;        /* its bytes */
    char *message;        /* the caller's */
    size_t message_size;  /* of it, in bytes */
    struct hak_yaml yaml; /* libyaml's functions, from open to close */
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
    bool has_event;     /* it is to be deleted */
};

/* Before the first event: checks the text and opens libyaml. hak_events_close is called after a success alone. */
COLD bool hak_events_open(struct yaml_events *events);
COLD void hak_events_close(struct yaml_events *events);

/* Goes on to the next event. */
COLD bool hak_events_next(struct yaml_events *events);

/* The current event's place. */
COLD struct place hak_events_place(const struct yaml_events *events);

/* The current event's text, which has to be a scalar without NUL characters; NULL after a failure. KEY ("" for none) is
 * where it stands, EXPECTED what should stand there. */
COLD const char *hak_events_scalar(struct yaml_events *events, const char *key, const char *expected);

/* Writes the message, "LABEL:LINE:COLUMN: " before it, and returns false. */
COLD __attribute__((format(printf, 3, 4))) bool hak_events_fail(struct yaml_events *events, struct place place,
                                                                const char *format, ...);

#endif
