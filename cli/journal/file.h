/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of a session: JSON lines, one written as soon as its trial ends, so that whatever was measured outlives
 * the tuner.
 *
 * The first line is the header, which says what the session is about; then "trial" and "proof" lines, in the order in
 * which they ended; last, if the session came to an end, the "verdict". Each line is one write at the end of the file.
 * The file is locked (flock) while it is open. Reading drops a torn last line (the machine went down while it was
 * written). One thread. Below: cli/output/whole_file, jansson. */
#ifndef HAK_JOURNAL_FILE_H
#define HAK_JOURNAL_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct journal;

/* Starts a journal at PATH with HEADER as its first line (borrowed). A file that is there already is kept under a
 * numbered name. Returns NULL with the reason in MESSAGE: cannot be written, or another session has it locked. */
struct journal *journal_create(const char *path, json_t *header, char *message, size_t size);

/* The name of the file that was kept, or NULL. */
const char *journal_kept(const struct journal *journal);

/* Opens the journal at PATH to go on with it. *LINES becomes an array of all its lines (objects; caller's to
 * json_decref), the header first; *TORN whether a torn last line was dropped, from the file too. Returns NULL with the
 * reason in MESSAGE: not there, not a journal (with the line's number), or locked. */
struct journal *journal_resume(const char *path, json_t **lines, bool *torn, char *message, size_t size);

/* Reads the journal at PATH, also one that is being written: its lines as journal_resume has them, or NULL with the
 * reason in MESSAGE. *TORN: its last line is not whole, and left out. */
json_t *journal_read(const char *path, bool *torn, char *message, size_t size);

/* Appends one line and takes over LINE. The first failure (a full disk) is kept for journal_close; the session goes on
 * without. */
void journal_write(struct journal *journal, json_t *line);

/* Brings everything to the disk and closes. False: a line could not be written, the reason is in MESSAGE. JOURNAL may
 * be NULL. */
bool journal_close(struct journal *journal, char *message, size_t size);

/* Closes and removes a journal that holds nothing worth keeping; the one that was kept when it began is back in its
 * place. */
void journal_discard(struct journal *journal);

#endif
