/* SPDX-License-Identifier: MIT */
/* Reads a profile from YAML text. See load.h.
 *
 * libyaml's events are read one at a time and only in the order that a profile has: one document, a mapping of names to
 * values or to sections, a section a mapping of names to values, a value a word or a list of words. Everything else
 * YAML can express is refused where it starts, so that neither depth nor length of the input matters. Where a value
 * came from is kept for the checks of the whole. */
#include "config.h"

#include "lib/profile/load.h"

#include "lib/profile/class_sizes.h"
#include "lib/profile/read_file.h"
#include "lib/profile/suggest.h"
#include "lib/profile/text.h"
#include "lib/profile/yaml_library.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The file's name in a message: what is longer is cut at its front, so that the reason still fits. */
#define LABEL_EXCERPT 512
/* Longest text of one key with its section; no known one comes near. */
#define KEY_SIZE 96
/* Of what the loader says about libyaml, so much is passed on. */
#define REASON_SIZE 256

/* A place in the text, both counted from 1. Line 0: nowhere. */
struct place {
    uint32_t line, column;
};

struct loader {
    struct hak_yaml yaml; /* libyaml's functions, while the text is parsed */
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
    bool has_event;     /* it is to be deleted */
    const char *label;  /* the file's name in messages */
    const char *text;   /* all of the input */
    size_t length;      /* its bytes */
    char *message;      /* the caller's */
    size_t message_size;
    struct hak_profile profile;                       /* what was read so far */
    struct place root;                                /* of the mapping that is the profile */
    struct place key[HAK_PROFILE_MAX_PARAMETERS];     /* of each row's key in the text */
    struct place value[HAK_PROFILE_MAX_PARAMETERS];   /* of each row's value */
    struct place section[HAK_PROFILE_MAX_PARAMETERS]; /* of each section's key, at its first row */
    struct place element[HAK_PROFILE_MAX_CLASSES];    /* of each size of the class map */
};

/* A key as it stands in the text. */
struct key {
    char name[KEY_SIZE];
    struct place place;
};

static struct place place_of(yaml_mark_t mark)
{
    return (struct place){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static struct place event_place(const struct loader *loader)
{
    return place_of(loader->event.start_mark);
}

/* Line and column of the byte at OFFSET, for what libyaml does not place itself. */
static struct place offset_place(const struct loader *loader, size_t offset)
{
    struct place place = {1, 1};
    for (size_t i = 0; i < offset && i < loader->length; i++) {
        bool continuation = ((unsigned char)loader->text[i] & 0xc0) == 0x80;
        place.column += !continuation;
        if (loader->text[i] == '\n')
            place = (struct place){place.line + 1, 1};
    }
    return place;
}

/* Writes the message and returns false. */
__attribute__((format(printf, 3, 4))) static bool fail(struct loader *loader, struct place place, const char *format,
                                                       ...)
{
    char shown[LABEL_EXCERPT];
    hak_text_excerpt_end(loader->label, shown, sizeof shown);
    int used = place.line
                   ? snprintf(loader->message, loader->message_size, "%s:%u:%u: ", shown, place.line, place.column)
                   : snprintf(loader->message, loader->message_size, "%s: ", shown);
    if (used >= 0 && (size_t)used < loader->message_size) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(loader->message + used, loader->message_size - (size_t)used, format, arguments);
        va_end(arguments);
    }
    return false;
}

/* --- the stream of events ----------------------------------------------------------------------------------------- */

static bool fail_with_parser_error(struct loader *loader)
{
    const yaml_parser_t *parser = &loader->parser;
    const char *problem = parser->problem ? parser->problem : "cannot be read as YAML";
    switch (parser->error) {
    case YAML_MEMORY_ERROR:
        return fail(loader, (struct place){0, 0}, "no memory to read it");
    case YAML_READER_ERROR:
        return fail(loader, offset_place(loader, parser->problem_offset), "YAML: %s", problem);
    default:
        return fail(loader, place_of(parser->problem_mark), "YAML: %s%s%s", problem, parser->context ? " " : "",
                    parser->context ? parser->context : "");
    }
}

static void drop_event(struct loader *loader)
{
    if (loader->has_event)
        loader->yaml.event_delete(&loader->event);
    loader->has_event = false;
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

/* Goes on to the next event. */
static bool next_event(struct loader *loader)
{
    drop_event(loader);
    if (!loader->yaml.parser_parse(&loader->parser, &loader->event))
        return fail_with_parser_error(loader);
    loader->has_event = true;
    const char *what = NULL;
    if (has_decoration(&loader->event, &what))
        return fail(loader, event_place(loader), "YAML %s are not taken in a profile", what);
    return true;
}

/* The current event's text, which has to be a scalar without NUL characters; NULL after a failure. */
static const char *scalar_text(struct loader *loader, const char *key, const char *expected)
{
    if (loader->event.type != YAML_SCALAR_EVENT) {
        const char *kind = loader->event.type == YAML_SEQUENCE_START_EVENT ? "a list" : "a mapping";
        fail(loader, event_place(loader), "%s%s%s stands where %s is expected", key, *key ? ": " : "", kind, expected);
        return NULL;
    }
    const char *text = (const char *)loader->event.data.scalar.value;
    if (strlen(text) != loader->event.data.scalar.length) {
        fail(loader, event_place(loader), "%s%sholds a NUL character", key, *key ? ": " : "");
        return NULL;
    }
    return text;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static size_t row_index(const struct hak_parameter *row)
{
    return (size_t)(row - hak_parameters);
}

/* The text of a row that was refused by the schema: MESSAGE names the row already. */
static bool fail_with_schema_message(struct loader *loader, struct place place, const char *schema_message)
{
    return fail(loader, place, "%s", schema_message);
}

static bool read_number(struct loader *loader, const struct hak_parameter *row, uint64_t *value)
{
    char message[HAK_PROFILE_MESSAGE_SIZE];
    const char *text = scalar_text(loader, row->key, "one value");
    if (!text)
        return false;
    return hak_parameter_parse(row, text, value, message, sizeof message) ||
           fail_with_schema_message(loader, event_place(loader), message);
}

static bool read_name(struct loader *loader, const struct hak_parameter *row)
{
    char message[HAK_PROFILE_MESSAGE_SIZE];
    const char *text = scalar_text(loader, row->key, "one value");
    if (!text)
        return false;
    if (!hak_profile_name_check(text, message, sizeof message))
        return fail_with_schema_message(loader, event_place(loader), message);
    memset(loader->profile.name, 0, sizeof loader->profile.name);
    memcpy(loader->profile.name, text, strlen(text));
    return true;
}

static bool read_element(struct loader *loader, const struct hak_parameter *row)
{
    struct hak_profile *profile = &loader->profile;
    size_t index = profile->size_classes_count;
    uint64_t value = 0;
    if (index == HAK_PROFILE_CLASS_LIMIT)
        return fail(loader, event_place(loader), "%s: more than %d sizes", row->key, HAK_PROFILE_CLASS_LIMIT);
    if (!read_number(loader, row, &value))
        return false;
    loader->element[index] = event_place(loader);
    profile->size_classes_sizes[index] = (uint32_t)value;
    profile->size_classes_count = index + 1;
    return true;
}

static bool read_list(struct loader *loader, const struct hak_parameter *row)
{
    if (loader->event.type != YAML_SEQUENCE_START_EVENT)
        return fail(loader, event_place(loader), "%s: a list is expected, as in [16, 32, 48]", row->key);
    struct place start = event_place(loader);
    for (;;) {
        if (!next_event(loader))
            return false;
        if (loader->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        if (!read_element(loader, row))
            return false;
    }
    return loader->profile.size_classes_count > 0 || fail(loader, start, "%s: the list is empty", row->key);
}

/* Reads the value of the row whose key was KEY; the current event is the key's. */
static bool read_row(struct loader *loader, const struct hak_parameter *row, const struct key *key)
{
    struct place *seen = &loader->key[row_index(row)];
    if (seen->line)
        return fail(loader, key->place, "%s: is there twice (first at line %u)", row->key, seen->line);
    *seen = key->place;
    if (!next_event(loader))
        return false;
    loader->value[row_index(row)] = event_place(loader);
    if (row->type == HAK_TYPE_NAME)
        return read_name(loader, row);
    if (row->type == HAK_TYPE_SIZE_LIST)
        return read_list(loader, row);
    uint64_t value = 0;
    if (!read_number(loader, row, &value))
        return false;
    hak_parameter_set(row, &loader->profile, value);
    return true;
}

/* --- mappings ----------------------------------------------------------------------------------------------------- */

static bool fail_unknown(struct loader *loader, const char *section, const struct key *key)
{
    char shown[HAK_TEXT_EXCERPT], suggestion[HAK_SUGGEST_KEY_MAX];
    hak_text_excerpt(key->name, shown, sizeof shown);
    if (!shown[0])
        snprintf(shown, sizeof shown, "\"\"");
    const char *near = hak_suggest_key(section, key->name, suggestion, sizeof suggestion);
    bool spelled =
        !*section && near && strcmp(near, key->name) == 0; /* "superslab.size" at the top: right, but for its form */
    if (spelled) {
        const char *dot = strchr(near, '.');
        return fail(loader, key->place, "%s: unknown key (write it as %.*s: {%s: ...})", shown, (int)(dot - near), near,
                    dot + 1);
    }
    return fail(loader, key->place, "%s%s%s: unknown key (%s%s%s)", section, *section ? "." : "", shown,
                near ? "did you mean " : "", near ? near : "hakmem-tune params lists all", near ? "?" : "");
}

/* Copies the current event, which has to be a key, into *KEY. */
static bool read_key(struct loader *loader, const char *section, struct key *key)
{
    const char *text = scalar_text(loader, section, "a key");
    if (!text)
        return false;
    key->place = event_place(loader);
    hak_text_join(key->name, sizeof key->name, text, "", ""); /* what is cut is too long to be known */
    return true;
}

/* The row of NAME in SECTION ("" at the top), or NULL. */
static const struct hak_parameter *find_row(const char *section, const char *name)
{
    char full[2 * KEY_SIZE];
    bool dotted = strchr(name, '.') != NULL;
    hak_text_join(full, sizeof full, section, *section ? "." : "", name);
    return dotted ? NULL : hak_parameter_find(full);
}

/* Reads the keys and values of a section up to its end. */
static bool read_section_keys(struct loader *loader, const char *section)
{
    struct key key;
    for (;;) {
        if (!next_event(loader))
            return false;
        if (loader->event.type == YAML_MAPPING_END_EVENT)
            return true;
        if (!read_key(loader, section, &key))
            return false;
        const struct hak_parameter *row = find_row(section, key.name);
        if (!row)
            return fail_unknown(loader, section, &key);
        if (!read_row(loader, row, &key))
            return false;
    }
}

static bool read_section(struct loader *loader, const struct hak_parameter *first_row, const struct key *key)
{
    struct place *seen = &loader->section[row_index(first_row)];
    if (seen->line)
        return fail(loader, key->place, "%s: is there twice (first at line %u)", key->name, seen->line);
    *seen = key->place;
    if (!next_event(loader))
        return false;
    if (loader->event.type != YAML_MAPPING_START_EVENT) {
        size_t prefix = strlen(key->name) + 1;
        return fail(loader, event_place(loader), "%s: keys with values are expected here, as in %s: {%s: ...}",
                    key->name, key->name, first_row->key + prefix);
    }
    return read_section_keys(loader, key->name);
}

/* The first row of the section NAME, or NULL if there is no such section. */
static const struct hak_parameter *find_section(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < hak_parameter_count; i++) {
        const char *key = hak_parameters[i].key;
        if (strncmp(key, name, length) == 0 && key[length] == '.' && !strchr(name, '.'))
            return &hak_parameters[i];
    }
    return NULL;
}

/* Reads the top mapping up to its end. */
static bool read_root(struct loader *loader)
{
    struct key key;
    for (;;) {
        if (!next_event(loader))
            return false;
        if (loader->event.type == YAML_MAPPING_END_EVENT)
            return true;
        if (!read_key(loader, "", &key))
            return false;
        const struct hak_parameter *section = find_section(key.name);
        const struct hak_parameter *row = find_row("", key.name);
        if (!section && !row)
            return fail_unknown(loader, "", &key);
        if (!(section ? read_section(loader, section, &key) : read_row(loader, row, &key)))
            return false;
    }
}

/* --- the document ------------------------------------------------------------------------------------------------- */

static bool fail_empty(struct loader *loader)
{
    return fail(loader, (struct place){0, 0}, "holds no profile (one starts with profile_version: 1)");
}

static bool read_document(struct loader *loader)
{
    if (!next_event(loader) ||
        !next_event(loader)) /* the stream's start, which is always there; the document's start */
        return false;
    if (loader->event.type == YAML_STREAM_END_EVENT)
        return fail_empty(loader);
    if (!next_event(loader))
        return false;
    loader->root = event_place(loader);
    bool empty = loader->event.type == YAML_SCALAR_EVENT && loader->event.data.scalar.length == 0;
    if (empty)
        return fail_empty(loader);
    if (loader->event.type != YAML_MAPPING_START_EVENT)
        return fail(loader, loader->root, "keys with values are expected, as in profile_version: 1");
    if (!read_root(loader))
        return false;
    if (!next_event(loader) || !next_event(loader)) /* the document's end; the stream's */
        return false;
    return loader->event.type == YAML_STREAM_END_EVENT ||
           fail(loader, event_place(loader), "a second YAML document (a profile is one)");
}

static bool is_given(const struct loader *loader, const struct hak_parameter *row)
{
    return row && loader->key[row_index(row)].line != 0;
}

/* Where the fault of a whole profile shows in the text. */
static struct place offence_place(const struct loader *loader, const struct hak_profile_offence *offence)
{
    if (offence->row->type == HAK_TYPE_SIZE_LIST)
        return loader->element[offence->element];
    if (is_given(loader, offence->row))
        return loader->value[row_index(offence->row)];
    if (is_given(loader, offence->other))
        return loader->value[row_index(offence->other)];
    return loader->root;
}

static bool check_whole(struct loader *loader)
{
    const struct hak_parameter *version = hak_parameter_find("profile_version");
    const struct hak_parameter *spacing = hak_parameter_find("size_classes.spacing");
    const struct hak_parameter *sizes = hak_parameter_find("size_classes.sizes");
    if (!is_given(loader, version))
        return fail(loader, loader->root, "profile_version: is missing (write profile_version: %ju)",
                    (uintmax_t)version->standard);
    if (is_given(loader, spacing) && is_given(loader, sizes)) {
        struct place a = loader->key[row_index(spacing)], b = loader->key[row_index(sizes)];
        bool spacing_last = a.line > b.line || (a.line == b.line && a.column > b.column);
        return fail(loader, spacing_last ? a : b, "size_classes: spacing and sizes exclude each other");
    }
    char message[HAK_PROFILE_MESSAGE_SIZE];
    struct hak_profile_offence offence;
    return hak_profile_check_offence(&loader->profile, &offence, message, sizeof message) ||
           fail_with_schema_message(loader, offence_place(loader, &offence), message);
}

/* What libyaml would take for something else: a NUL for the end, bytes that are not UTF-8 for UTF-16. */
static bool check_characters(struct loader *loader)
{
    for (size_t i = 0; i < loader->length;) {
        uint32_t code = 0;
        size_t bytes = hak_text_utf8(loader->text + i, loader->length - i, &code);
        if (bytes == 0)
            return fail(loader, offset_place(loader, i), "not UTF-8 text (byte 0x%02x)",
                        (unsigned char)loader->text[i]);
        if (code == 0)
            return fail(loader, offset_place(loader, i), "a NUL character (a profile is a text file)");
        i += bytes;
    }
    return true;
}

static bool parse_with_library(struct loader *loader)
{
    if (!loader->yaml.parser_initialize(&loader->parser))
        return fail(loader, (struct place){0, 0}, "no memory to read it");
    loader->yaml.parser_set_input_string(&loader->parser, (const unsigned char *)loader->text, loader->length);
    bool good = read_document(loader);
    drop_event(loader);
    loader->yaml.parser_delete(&loader->parser);
    return good;
}

static bool parse_text(struct loader *loader)
{
    char reason[REASON_SIZE];
    if (!hak_yaml_open(&loader->yaml, reason, sizeof reason))
        return fail(loader, (struct place){0, 0}, "cannot be read without libyaml: %s", reason);
    bool good = parse_with_library(loader);
    hak_yaml_close(&loader->yaml);
    return good;
}

bool hak_profile_load_text(struct hak_profile *profile, const char *file_label, const char *text, size_t length,
                           char *message, size_t size)
{
    struct loader loader;
    memset(&loader, 0, sizeof loader);
    loader.label = file_label;
    loader.text = text;
    loader.length = length;
    loader.message = message;
    loader.message_size = size;
    hak_profile_default(&loader.profile);
    if (length > HAK_PROFILE_TEXT_MAX)
        return fail(&loader, (struct place){0, 0}, "%zu bytes long (a profile has at most %d)", length,
                    HAK_PROFILE_TEXT_MAX);
    if (!check_characters(&loader) || !parse_text(&loader) || !check_whole(&loader))
        return false;
    *profile = loader.profile;
    return true;
}

bool hak_profile_load_file(struct hak_profile *profile, const char *path, char *message, size_t size)
{
    const char *text = NULL;
    size_t length = 0;
    if (!hak_file_text_read(path, &text, &length, message, size))
        return false;
    bool good = hak_profile_load_text(profile, path, text, length, message, size);
    hak_file_text_release(text);
    return good;
}
