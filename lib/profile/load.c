/* SPDX-License-Identifier: MIT */
/* Reads a profile from YAML text. See load.h.
 *
 * Events are read one at a time and only in the order that a profile has: one document, a mapping of names to values or
 * to sections, a section a mapping of names to values, a value a word or a list of words. Everything else YAML can
 * express is refused where it starts, so that neither depth nor length of the input matters. Where a value came from is
 * kept for the checks of the whole. */
#include "lib/profile/load.h"

#include "lib/profile/class_sizes.h"
#include "lib/profile/read_file.h"
#include "lib/profile/suggest.h"
#include "lib/profile/text.h"
#include "lib/profile/yaml_events.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Longest text of one key with its section; no known one comes near. */
#define KEY_SIZE 96

struct loader {
    struct yaml_events events;
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

/* --- values ------------------------------------------------------------------------------------------------------- */

static size_t row_index(const struct hak_parameter *row)
{
    return (size_t)(row - hak_parameters);
}

/* The text of a row that was refused by the schema: MESSAGE names the row already. */
static bool fail_with_schema_message(struct loader *loader, struct place place, const char *schema_message)
{
    return hak_events_fail(&loader->events, place, "%s", schema_message);
}

static bool read_number(struct loader *loader, const struct hak_parameter *row, uint64_t *value)
{
    char message[HAK_PROFILE_MESSAGE_SIZE];
    const char *text = hak_events_scalar(&loader->events, row->key, "one value");
    if (!text)
        return false;
    return hak_parameter_parse(row, text, value, message, sizeof message) ||
           fail_with_schema_message(loader, hak_events_place(&loader->events), message);
}

static bool read_name(struct loader *loader, const struct hak_parameter *row)
{
    char message[HAK_PROFILE_MESSAGE_SIZE];
    const char *text = hak_events_scalar(&loader->events, row->key, "one value");
    if (!text)
        return false;
    if (!hak_profile_name_check(text, message, sizeof message))
        return fail_with_schema_message(loader, hak_events_place(&loader->events), message);
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
        return hak_events_fail(&loader->events, hak_events_place(&loader->events), "%s: more than %d sizes", row->key,
                               HAK_PROFILE_CLASS_LIMIT);
    if (!read_number(loader, row, &value))
        return false;
    loader->element[index] = hak_events_place(&loader->events);
    profile->size_classes_sizes[index] = (uint32_t)value;
    profile->size_classes_count = index + 1;
    return true;
}

static bool read_list(struct loader *loader, const struct hak_parameter *row)
{
    if (loader->events.event.type != YAML_SEQUENCE_START_EVENT)
        return hak_events_fail(&loader->events, hak_events_place(&loader->events),
                               "%s: a list is expected, as in [16, 32, 48]", row->key);
    struct place start = hak_events_place(&loader->events);
    for (;;) {
        if (!hak_events_next(&loader->events))
            return false;
        if (loader->events.event.type == YAML_SEQUENCE_END_EVENT)
            break;
        if (!read_element(loader, row))
            return false;
    }
    return loader->profile.size_classes_count > 0 ||
           hak_events_fail(&loader->events, start, "%s: the list is empty", row->key);
}

/* Reads the value of the row whose key was KEY; the current event is the key's. */
static bool read_row(struct loader *loader, const struct hak_parameter *row, const struct key *key)
{
    struct place *seen = &loader->key[row_index(row)];
    if (seen->line)
        return hak_events_fail(&loader->events, key->place, "%s: is there twice (first at line %u)", row->key,
                               seen->line);
    *seen = key->place;
    if (!hak_events_next(&loader->events))
        return false;
    loader->value[row_index(row)] = hak_events_place(&loader->events);
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
        return hak_events_fail(&loader->events, key->place, "%s: unknown key (write it as %.*s: {%s: ...})", shown,
                               (int)(dot - near), near, dot + 1);
    }
    return hak_events_fail(&loader->events, key->place, "%s%s%s: unknown key (%s%s%s)", section, *section ? "." : "",
                           shown, near ? "did you mean " : "", near ? near : "hakmem-tune params lists all",
                           near ? "?" : "");
}

/* Copies the current event, which has to be a key, into *KEY. */
static bool read_key(struct loader *loader, const char *section, struct key *key)
{
    const char *text = hak_events_scalar(&loader->events, section, "a key");
    if (!text)
        return false;
    key->place = hak_events_place(&loader->events);
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
        if (!hak_events_next(&loader->events))
            return false;
        if (loader->events.event.type == YAML_MAPPING_END_EVENT)
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
        return hak_events_fail(&loader->events, key->place, "%s: is there twice (first at line %u)", key->name,
                               seen->line);
    *seen = key->place;
    if (!hak_events_next(&loader->events))
        return false;
    if (loader->events.event.type != YAML_MAPPING_START_EVENT) {
        size_t prefix = strlen(key->name) + 1;
        return hak_events_fail(&loader->events, hak_events_place(&loader->events),
                               "%s: keys with values are expected here, as in %s: {%s: ...}", key->name, key->name,
                               first_row->key + prefix);
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
        if (!hak_events_next(&loader->events))
            return false;
        if (loader->events.event.type == YAML_MAPPING_END_EVENT)
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
    return hak_events_fail(&loader->events, (struct place){0, 0},
                           "holds no profile (one starts with profile_version: 1)");
}

static bool read_document(struct loader *loader)
{
    if (!hak_events_next(&loader->events) ||
        !hak_events_next(&loader->events)) /* the stream's start, which is always there; the document's start */
        return false;
    if (loader->events.event.type == YAML_STREAM_END_EVENT)
        return fail_empty(loader);
    if (!hak_events_next(&loader->events))
        return false;
    loader->root = hak_events_place(&loader->events);
    bool empty = loader->events.event.type == YAML_SCALAR_EVENT && loader->events.event.data.scalar.length == 0;
    if (empty)
        return fail_empty(loader);
    if (loader->events.event.type != YAML_MAPPING_START_EVENT)
        return hak_events_fail(&loader->events, loader->root,
                               "keys with values are expected, as in profile_version: 1");
    if (!read_root(loader))
        return false;
    if (!hak_events_next(&loader->events) || !hak_events_next(&loader->events)) /* the document's end; the stream's */
        return false;
    return loader->events.event.type == YAML_STREAM_END_EVENT ||
           hak_events_fail(&loader->events, hak_events_place(&loader->events),
                           "a second YAML document (a profile is one)");
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
        return hak_events_fail(&loader->events, loader->root,
                               "profile_version: is missing (write profile_version: %ju)",
                               (uintmax_t)version->standard);
    if (is_given(loader, spacing) && is_given(loader, sizes)) {
        struct place a = loader->key[row_index(spacing)], b = loader->key[row_index(sizes)];
        bool spacing_last = a.line > b.line || (a.line == b.line && a.column > b.column);
        return hak_events_fail(&loader->events, spacing_last ? a : b,
                               "size_classes: spacing and sizes exclude each other");
    }
    char message[HAK_PROFILE_MESSAGE_SIZE];
    struct hak_profile_offence offence;
    return hak_profile_check_offence(&loader->profile, &offence, message, sizeof message) ||
           fail_with_schema_message(loader, offence_place(loader, &offence), message);
}

static bool read_events(struct loader *loader)
{
    if (!hak_events_open(&loader->events))
        return false;
    bool good = read_document(loader);
    hak_events_close(&loader->events);
    return good;
}

bool hak_profile_load_text(struct hak_profile *profile, const char *file_label, const char *text, size_t length,
                           char *message, size_t size)
{
    struct loader loader;
    memset(&loader, 0, sizeof loader);
    loader.events.label = file_label;
    loader.events.text = text;
    loader.events.length = length;
    loader.events.message = message;
    loader.events.message_size = size;
    hak_profile_default(&loader.profile);
    if (length > HAK_PROFILE_TEXT_MAX)
        return hak_events_fail(&loader.events, (struct place){0, 0}, "%zu bytes long (a profile has at most %d)",
                               length, HAK_PROFILE_TEXT_MAX);
    if (!read_events(&loader) || !check_whole(&loader))
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
