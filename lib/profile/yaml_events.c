/* SPDX-License-Identifier: MIT */
/* See yaml_events.h. */
#include "lib/profile/yaml_events.h"

#include "lib/profile/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The file's name in a message: what is longer is cut at its front, so that the reason still fits. */
#define LABEL_EXCERPT 512
/* Of what the loader says about libyaml, so much is passed on. */
#define REASON_SIZE 256

static struct place place_of(yaml_mark_t mark)
{
    return (struct place){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

struct place hak_events_place(const struct yaml_events *events)
{
    return place_of(events->event.start_mark);
}

/* Line and column of the byte at OFFSET, for what libyaml does not place itself. */
static struct place offset_place(const struct yaml_events *events, size_t offset)
{
    struct place place = {1, 1};
    for (size_t i = 0; i < offset && i < events->length; i++) {
        bool continuation = ((unsigned char)events->text[i] & 0xc0) == 0x80;
        place.column += !continuation;
        if (events->text[i] == '\n')
            place = (struct place){place.line + 1, 1};
    }
    return place;
}

bool hak_events_fail(struct yaml_events *events, struct place place, const char *format, ...)
{
    char shown[LABEL_EXCERPT];
    hak_text_excerpt_end(events->label, shown, sizeof shown);
    int used = place.line
                   ? snprintf(events->message, events->message_size, "%s:%u:%u: ", shown, place.line, place.column)
                   : snprintf(events->message, events->message_size, "%s: ", shown);
    if (used >= 0 && (size_t)used < events->message_size) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(events->message + used, events->message_size - (size_t)used, format, arguments);
        va_end(arguments);
    }
    return false;
}

static bool fail_with_parser_error(struct yaml_events *events)
{
    const yaml_parser_t *parser = &events->parser;
    const char *problem = parser->problem ? parser->problem : "cannot be read as YAML";
    switch (parser->error) {
    case YAML_MEMORY_ERROR:
        return hak_events_fail(events, (struct place){0, 0}, "no memory to read it");
    case YAML_READER_ERROR:
        return hak_events_fail(events, offset_place(events, parser->problem_offset), "YAML: %s", problem);
    default:
        return hak_events_fail(events, place_of(parser->problem_mark), "YAML: %s%s%s", problem,
                               parser->context ? " " : "", parser->context ? parser->context : "");
    }
}

static void drop_event(struct yaml_events *events)
{
    if (events->has_event)
        events->yaml.event_delete(&events->event);
    events->has_event = false;
}

static bool has_decoration(const yaml_event_t *event, const char **what)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    *what = event->type == YAML_ALIAS_EVENT ? "aliases" : anchor ? "anchors" : "tags";
    return event->type == YAML_ALIAS_EVENT || anchor || tag;
}

bool hak_events_next(struct yaml_events *events)
{
    drop_event(events);
    if (!events->yaml.parser_parse(&events->parser, &events->event))
        return fail_with_parser_error(events);
    events->has_event = true;
    const char *what = NULL;
    if (has_decoration(&events->event, &what))
        return hak_events_fail(events, hak_events_place(events), "YAML %s are not taken", what);
    return true;
}

const char *hak_events_scalar(struct yaml_events *events, const char *key, const char *expected)
{
    if (events->event.type != YAML_SCALAR_EVENT) {
        const char *kind = events->event.type == YAML_SEQUENCE_START_EVENT ? "a list" : "a mapping";
        hak_events_fail(events, hak_events_place(events), "%s%s%s stands where %s is expected", key, *key ? ": " : "",
                        kind, expected);
        return NULL;
    }
    const char *text = (const char *)events->event.data.scalar.value;
    if (strlen(text) != events->event.data.scalar.length) {
        hak_events_fail(events, hak_events_place(events), "%s%sholds a NUL character", key, *key ? ": " : "");
        return NULL;
    }
    return text;
}

/* What libyaml would take for something else: a NUL for the end, bytes that are not UTF-8 for UTF-16. */
static bool check_characters(struct yaml_events *events)
{
    for (size_t i = 0; i < events->length;) {
        uint32_t code = 0;
        size_t bytes = hak_text_utf8(events->text + i, events->length - i, &code);
        if (bytes == 0)
            return hak_events_fail(events, offset_place(events, i), "not UTF-8 text (byte 0x%02x)",
                                   (unsigned char)events->text[i]);
        if (code == 0)
            return hak_events_fail(events, offset_place(events, i), "a NUL character (text is expected)");
        i += bytes;
    }
    return true;
}

bool hak_events_open(struct yaml_events *events)
{
    char reason[REASON_SIZE];
    if (!check_characters(events))
        return false;
    if (!hak_yaml_open(&events->yaml, reason, sizeof reason))
        return hak_events_fail(events, (struct place){0, 0}, "cannot be read without libyaml: %s", reason);
    if (!events->yaml.parser_initialize(&events->parser)) {
        hak_yaml_close(&events->yaml);
        return hak_events_fail(events, (struct place){0, 0}, "no memory to read it");
    }
    events->yaml.parser_set_input_string(&events->parser, (const unsigned char *)events->text, events->length);
    return true;
}

void hak_events_close(struct yaml_events *events)
{
    drop_event(events);
    events->yaml.parser_delete(&events->parser);
    hak_yaml_close(&events->yaml);
}
