/* SPDX-License-Identifier: MIT */
/* Names for addresses of code, from the symbol tables of the files that they are mapped from. Takes no lock and
 * allocates nothing but mappings, so that a signal handler may use it. Below: elf_names, maps, modules, sort, base. */
#ifndef HAK_SAMPLE_SYMBOLS_H
#define HAK_SAMPLE_SYMBOLS_H

#include "lib/base/writer.h"
#include "lib/sample/sort.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYMBOL_MODULES 1024 /* further ones have no names */
#define SYMBOL_PATH 512     /* the same of those with longer names */

/* A part of a file that is mapped as code. */
struct symbol_module {
    uintptr_t start, end;
    uint64_t offset; /* of `start` in the file */
    char path[SYMBOL_PATH];
    const uint8_t *image; /* the whole file, until symbols_end; NULL where it was not needed, or cannot be read */
    size_t image_bytes;
};

struct symbols {
    struct sort_item *items; /* addresses, and their names or NULL */
    size_t count, capacity;
    struct symbol_module *modules;
    size_t module_count;
};

/* Room for CAPACITY addresses; false where memory is refused. */
COLD bool symbols_begin(struct symbols *symbols, size_t capacity);

/* One more address that is going to be asked for. */
COLD void symbols_add(struct symbols *symbols, uintptr_t address);

/* Finds the names of all, and opens files for it. Without it symbols_locate alone may be asked. */
COLD void symbols_find(struct symbols *symbols);

/* Appends "function", or "library.so+0x1234" (an offset in the file) where the file has no name for it, or "0x7f..."
 * where there is no file. */
COLD void symbols_describe(const struct symbols *symbols, uintptr_t address, struct writer *writer);

/* Appends "/lib/library.so+0x1234 (function)", whose number is an address as the file has them, which addr2line takes;
 * without the function where the file has no name for it or was not read, and "0x7f..." where there is no file. */
COLD void symbols_locate(const struct symbols *symbols, uintptr_t address, struct writer *writer);

/* Gives all of it back. */
COLD void symbols_end(struct symbols *symbols);

#endif
