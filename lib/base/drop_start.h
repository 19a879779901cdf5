/* SPDX-License-Identifier: MIT */
/* Which pages of the library's own file leave memory after the start. Called once, by the thread that starts the
 * library. Below: os. */
#ifndef HAK_BASE_DROP_START_H
#define HAK_BASE_DROP_START_H

/* Lets go of what this shared library needed for its start alone: its code before CODE_END, if that lies in it; and its
 * read-only pages, which are symbols, relocations, unwind tables and texts. The kernel brings a file's pages into
 * memory by the dozen; whoever needs one of them later reads it anew. */
void drop_start(const void *code_end);

#endif
