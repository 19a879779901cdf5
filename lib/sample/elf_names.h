/* SPDX-License-Identifier: MIT */
/* The functions that an ELF file has names for. Any thread, any signal handler. Below: base. */
#ifndef HAK_SAMPLE_ELF_NAMES_H
#define HAK_SAMPLE_ELF_NAMES_H

#include "lib/base/compiler.h"

#include <stddef.h>
#include <stdint.h>

/* Calls VISIT for each function of the file IMAGE of BYTES that is mapped from file offset OFFSET on, as code: with its
 * first offset in the file, the one behind its last, and its name, which lies in IMAGE. Where the file is none, or is
 * damaged, there are no functions. */
COLD void elf_names_each(const uint8_t *image, size_t bytes, uint64_t offset,
                         void (*visit)(uint64_t start, uint64_t end, const char *name, void *context), void *context);

/* How much more the file's own addresses (which addr2line takes) are than places in the file, in the segment of code
 * that has OFFSET; 0 where the file is none, or is damaged. */
COLD uint64_t elf_names_bias(const uint8_t *image, size_t bytes, uint64_t offset);

#endif
