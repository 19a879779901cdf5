/* SPDX-License-Identifier: MIT */
/* The entries of unwind tables (frame_rule.h): how their bytes are read, and which one a function has. Any thread.
 * Below: base. */
#ifndef HAK_SAMPLE_FRAME_ENTRY_H
#define HAK_SAMPLE_FRAME_ENTRY_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers that the tables have for the registers. */
#if defined __x86_64__
enum { REGISTER_SP = 7, REGISTER_FP = 6, REGISTER_RETURN = 16 };
#elif defined __aarch64__
enum { REGISTER_SP = 31, REGISTER_FP = 29, REGISTER_RETURN = 30 };
#else /* no register has these: there is no rule */
enum { REGISTER_SP = -1, REGISTER_FP = -2, REGISTER_RETURN = -3 };
#endif

/* What is read past `end` is 0, and `at` stays there. */
struct frame_reader {
    const uint8_t *at, *end;
    uintptr_t table; /* the .eh_frame_hdr, that some addresses are reckoned from */
};

uint64_t frame_read_bytes(struct frame_reader *reader, size_t count);
uint64_t frame_read_uleb(struct frame_reader *reader);
int64_t frame_read_sleb(struct frame_reader *reader);
uintptr_t frame_read_address(struct frame_reader *reader, unsigned encoding);

/* What the instructions of a function's entry, and of the one that it has in common with others, are read with. */
struct frame_entry {
    struct frame_reader common, own; /* the instructions */
    uint64_t code_factor;
    int64_t data_factor;
    uintptr_t start;       /* the function's first address */
    unsigned pointer;      /* how addresses are written */
    bool has_augmentation; /* it may say where exceptions are caught */
    bool is_signal;        /* the frame is one that a signal has made */
};

/* The entry of the function at ADDRESS in the .eh_frame_hdr TABLE; false where it has none. */
bool frame_entry_find(const uint8_t *table, uintptr_t address, struct frame_entry *entry);

#endif
