/* SPDX-License-Identifier: MIT */
#include "lib/base/drop_start.h"

#include "lib/base/compiler.h"
#include "lib/base/os.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>

#ifdef PIC
static uintptr_t round_down_to_page(uintptr_t address)
{
    return address & ~(uintptr_t)(os_page_bytes - 1);
}

/* The linker's name for the file's first byte in memory, which is that of its header. (Of unknown length, as the rest
 * of the file follows it.) */
extern HIDDEN const char __ehdr_start[];

/* What is to be added to an address in the file to find it in memory; false where the header is in no segment. */
static bool find_bias(const ElfW(Phdr) * segment, size_t count, uintptr_t *bias)
{
    for (size_t i = 0; i < count; i++)
        if (segment[i].p_type == PT_LOAD && segment[i].p_offset == 0) {
            *bias = (uintptr_t)__ehdr_start - segment[i].p_vaddr;
            return true;
        }
    return false;
}

struct range {
    uintptr_t start, end;
};

/* What of SEGMENT only the start needs: of constants all, of the code what lies before CODE_END. Nothing where other
 * segments may lie on the same pages; relocated constants are in one that may be written. */
static struct range start_range(const ElfW(Phdr) * segment, uintptr_t bias, uintptr_t code_end)
{
    uintptr_t first = segment->p_vaddr + bias, end = first + segment->p_memsz;
    struct range nothing = {0, 0}, before = {round_down_to_page(first), round_down_to_page(code_end)},
                 all = {round_down_to_page(first), end};
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) || segment->p_align < os_page_bytes)
        return nothing;
    if (code_end >= first && code_end < end)
        return before;
    return segment->p_flags & PF_X ? nothing : all;
}

#define RANGES 8

/* All are found before one is dropped, since the program headers lie in one. What a debugger has written into such code
 * by now, breakpoints, is lost. */
void drop_start(const void *code_end)
{
    const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)__ehdr_start;
    const ElfW(Phdr) *segment = (const ElfW(Phdr) *)(__ehdr_start + header->e_phoff);
    struct range range[RANGES];
    size_t count = 0;
    uintptr_t bias;
    if (!find_bias(segment, header->e_phnum, &bias))
        return;
    for (size_t i = 0; i < header->e_phnum && count < RANGES; i++) {
        range[count] = start_range(&segment[i], bias, (uintptr_t)code_end);
        count += range[count].start < range[count].end;
    }
    for (size_t i = 0; i < count; i++)
        os_drop_file((void *)range[i].start, range[i].end - range[i].start);
}
#else /* part of a program, which has constants and code of its own among them */
void drop_start(const void *code_end)
{
    (void)code_end;
}
#endif
