/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an ELF file says of itself: whether libraries are loaded into it, and whether it brings malloc. No state; any
 * thread may call anything. Nothing is below. */
#ifndef HAK_RACE_ELF_FILE_H
#define HAK_RACE_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct elf_file {
    bool known;          /* it is an ELF file that could be read; else all else is false */
    bool other_class;    /* of another word size than this program */
    bool is_static;      /* asks for no loader */
    bool defines_malloc; /* for others as well: in its dynamic symbols */
    bool may_forward;    /* asks for dlsym: a malloc of its own may be a wrapper of the next one */
    bool is_set_user_id;
    char version[32]; /* of the jemalloc that is in it; empty: there is none, or it does not say */
};

struct elf_file elf_file_read(const char *path);

#endif
