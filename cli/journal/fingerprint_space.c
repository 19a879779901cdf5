/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See fingerprint.h. */
#include "config.h"

#include "cli/journal/fingerprint.h"
#include "cli/journal/hash.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

json_t *fingerprint_of_space(const struct space *space)
{
    uint64_t hash = HASH_START;
    for (size_t i = 0; i < space->count; i++) {
        const struct space_dimension *dimension = &space->dimension[i];
        const char *key = dimension->row->key;
        hash = hash_bytes(hash, key, strlen(key) + 1);
        hash = hash_bytes(hash, &dimension->default_level, sizeof dimension->default_level);
        hash = hash_bytes(hash, dimension->level, dimension->count * sizeof *dimension->level);
    }
    char *text = must_format("%zu settings, %016" PRIx64, space->count, hash);
    json_t *value = json_text(text);
    free(text);
    return value;
}
