/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a journal's file to a session_record. See session_record.h. */
#include "config.h"

#include "cli/journal/file.h"
#include "cli/journal/session_record.h"
#include "cli/output/utf8.h"

#include <stdio.h>

bool session_record_load(struct session_record *record, const char *path, char *message, char *note, size_t size)
{
    char what[512];
    size_t index;
    json_t *line;
    bool torn = false;
    json_t *lines = journal_read(path, &torn, message, size);
    note[0] = '\0';
    if (!lines)
        return false;
    bool begun = session_record_begin(record, json_array_get(lines, 0), what, sizeof what);
    if (!begun)
        snprintf(message, size, "journal %s: %s", path, what);
    json_array_foreach(lines, index, line)
    {
        if (begun && index > 0)
            session_record_take(record, line);
    }
    if (begun)
        session_record_conclude(record);
    utf8_clean(message, true);
    if (torn)
        snprintf(note, size, "journal %s: its last line is not whole and is left out", path);
    json_decref(lines);
    return begun;
}
