/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tree.h. */
#include "config.h"

#include "cli/yaml/tree.h"

#include "cli/output/input_file.h"
#include "cli/output/memory.h"
#include "cli/output/utf8.h"
#include "lib/profile/text.h"
#include "lib/profile/yaml_events.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is longer or deeper is another file by mistake. */
#define LONGEST_TEXT ((size_t)256 * 1024)
#define DEEPEST 8

static void clear_node(struct yaml_node *node)
{
    for (size_t i = 0; i < node->count; i++)
        clear_node(&node->items[i]);
    free(node->items);
    free(node->text);
    free(node->key);
    *node = (struct yaml_node){.line = 0};
}

const struct yaml_node *yaml_tree_get(const struct yaml_node *mapping, const char *key)
{
    for (size_t i = 0; i < mapping->count; i++) {
        if (mapping->items[i].key && strcmp(mapping->items[i].key, key) == 0)
            return &mapping->items[i];
    }
    return NULL;
}

/* --- from events to nodes ----------------------------------------------------------------------------------------- */

static bool read_node(struct yaml_events *events, struct yaml_node *node, unsigned depth);

static struct yaml_node *add_item(struct yaml_node *node)
{
    node->items = must_have(realloc(node->items, (node->count + 1) * sizeof *node->items));
    node->items[node->count] = (struct yaml_node){.line = 0};
    return &node->items[node->count++];
}

static bool read_list(struct yaml_events *events, struct yaml_node *node, unsigned depth)
{
    while (hak_events_next(events)) {
        if (events->event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        if (!read_node(events, add_item(node), depth))
            return false;
    }
    return false;
}

static bool read_mapping(struct yaml_events *events, struct yaml_node *node, unsigned depth)
{
    while (hak_events_next(events)) {
        if (events->event.type == YAML_MAPPING_END_EVENT)
            return true;
        const char *key = hak_events_scalar(events, "", "a key");
        struct place place = hak_events_place(events);
        char shown[HAK_TEXT_EXCERPT];
        if (!key)
            return false;
        if (yaml_tree_get(node, key))
            return hak_events_fail(events, place, "%s: is there twice", hak_text_excerpt(key, shown, sizeof shown));
        struct yaml_node *item = add_item(node);
        item->key = must_have(strdup(key));
        item->key_line = place.line;
        item->key_column = place.column;
        if (!hak_events_next(events) || !read_node(events, item, depth))
            return false;
    }
    return false;
}

/* Reads what begins with the current event. */
static bool read_node(struct yaml_events *events, struct yaml_node *node, unsigned depth)
{
    struct place place = hak_events_place(events);
    node->line = place.line;
    node->column = place.column;
    if (depth == 0)
        return hak_events_fail(events, place, "lists and mappings inside of each other, more than %d deep", DEEPEST);
    if (events->event.type == YAML_SEQUENCE_START_EVENT) {
        node->kind = YAML_TREE_LIST;
        return read_list(events, node, depth - 1);
    }
    if (events->event.type == YAML_MAPPING_START_EVENT) {
        node->kind = YAML_TREE_MAPPING;
        return read_mapping(events, node, depth - 1);
    }
    const char *text = hak_events_scalar(events, "", "a value");
    node->text = text ? must_have(strdup(text)) : NULL;
    return text != NULL;
}

static bool read_document(struct yaml_events *events, struct yaml_node *root)
{
    if (!hak_events_next(events) || !hak_events_next(events)) /* the stream's start; the document's */
        return false;
    if (events->event.type == YAML_STREAM_END_EVENT)
        return hak_events_fail(events, (struct place){0, 0}, "is empty (keys with values are expected)");
    if (!hak_events_next(events) || !read_node(events, root, DEEPEST))
        return false;
    if (root->kind != YAML_TREE_MAPPING)
        return hak_events_fail(events, (struct place){root->line, root->column}, "keys with values are expected");
    if (!hak_events_next(events) || !hak_events_next(events)) /* the document's end; the stream's */
        return false;
    return events->event.type == YAML_STREAM_END_EVENT ||
           hak_events_fail(events, hak_events_place(events), "a second YAML document");
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static char *read_file(const char *path, size_t *length, char *message, size_t size)
{
    FILE *stream = input_file_open(path);
    char *text = must_have(malloc(LONGEST_TEXT));
    *length = stream ? fread(text, 1, LONGEST_TEXT, stream) : 0;
    if (!stream || ferror(stream))
        snprintf(message, size, "%s: cannot be read: %s", path, strerror(errno));
    else if (*length == LONGEST_TEXT)
        snprintf(message, size, "%s: is too long (less than %zu bytes are taken)", path, LONGEST_TEXT);
    else
        message = NULL;
    if (stream)
        fclose(stream);
    if (!message)
        return text;
    free(text);
    return NULL;
}

bool yaml_tree_load(struct yaml_tree *tree, const char *path, char *message, size_t size)
{
    struct yaml_events events = {.label = path, .message = message, .message_size = size};
    char *text = read_file(path, &events.length, message, size);
    *tree = (struct yaml_tree){.path = NULL};
    if (!text)
        return false;
    events.text = text;
    bool good = hak_events_open(&events);
    if (good) {
        good = read_document(&events, &tree->root);
        hak_events_close(&events);
    }
    free(text);
    tree->path = must_have(strdup(path));
    if (!good)
        yaml_tree_clear(tree);
    return good;
}

void yaml_tree_clear(struct yaml_tree *tree)
{
    clear_node(&tree->root);
    free(tree->path);
    tree->path = NULL;
}

bool yaml_tree_fail(const struct yaml_tree *tree, const struct yaml_node *node, char *message, size_t size,
                    const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(message, size, "%s:%u:%u: %s", tree->path, node->line, node->column, text);
    utf8_clean(message, true);
    return false;
}
