/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A YAML file as a tree of texts, lists and mappings, each with its place; and the one line that says what is wrong
 * with it and where: "FILE:LINE:COLUMN: what is wrong".
 *
 * Anchors, aliases, tags and keys that are there twice are refused. A tree is read-only once loaded. Below:
 * lib/profile/yaml_events, cli/output. */
#ifndef HAK_YAML_TREE_H
#define HAK_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum yaml_kind { YAML_TREE_TEXT, YAML_TREE_LIST, YAML_TREE_MAPPING };

struct yaml_node {
    enum yaml_kind kind;
    uint32_t line, column; /* both from 1 */
    char *text;            /* of a text, else NULL */
    char *key;             /* under which it stands, where it stands in a mapping */
    uint32_t key_line, key_column;
    struct yaml_node *items;
    size_t count; /* of items */
};

struct yaml_tree {
    char *path; /* as messages name it */
    struct yaml_node root;
};

/* Reads the file at PATH, whose root has to be a mapping. False: MESSAGE, and nothing to clear. */
bool yaml_tree_load(struct yaml_tree *tree, const char *path, char *message, size_t size);
void yaml_tree_clear(struct yaml_tree *tree);

/* The value of KEY in MAPPING, or NULL. */
const struct yaml_node *yaml_tree_get(const struct yaml_node *mapping, const char *key);

/* Writes the message about NODE, whatever it quotes in one line, and returns false. */
bool yaml_tree_fail(const struct yaml_tree *tree, const struct yaml_node *node, char *message, size_t size,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
