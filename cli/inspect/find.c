/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See find.h. */
#include "config.h"

#include "cli/inspect/find.h"

#include <hakmem/inspect.h>

#include <elf.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Files have about ten segments, and notes of some hundred bytes. */
#define MOST_SEGMENTS 64
#define MOST_NOTE_BYTES 4096

struct image {
    struct memory *memory;
    uint64_t start, bias; /* where it is; what is added to its addresses in the file */
    ElfW(Ehdr) header;
    ElfW(Phdr) segment[MOST_SEGMENTS];
};

static size_t align_note(size_t bytes)
{
    return (bytes + 3) & ~(size_t)3;
}

/* The root's distance from BYTES at ADDRESS, which are notes; 0: none of them is ours. */
static uint64_t root_in_notes(const char *bytes, size_t size, uint64_t address)
{
    for (size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
        ElfW(Nhdr) note;
        memcpy(&note, bytes + at, sizeof note);
        size_t name = at + sizeof note, descriptor = name + align_note(note.n_namesz);
        if (note.n_namesz > size || note.n_descsz > size || descriptor + note.n_descsz > size)
            return 0;
        int32_t distance;
        if (note.n_type == HAK_INSPECT_NOTE_TYPE && note.n_namesz == sizeof HAK_INSPECT_NOTE_NAME &&
            memcmp(bytes + name, HAK_INSPECT_NOTE_NAME, sizeof HAK_INSPECT_NOTE_NAME) == 0 &&
            note.n_descsz == sizeof distance) {
            memcpy(&distance, bytes + descriptor, sizeof distance);
            return address + descriptor + (uint64_t)(int64_t)distance;
        }
        at = descriptor + align_note(note.n_descsz);
    }
    return 0;
}

static uint64_t root_in_segment(const struct image *image, const ElfW(Phdr) * segment)
{
    char bytes[MOST_NOTE_BYTES];
    size_t size = segment->p_memsz < sizeof bytes ? segment->p_memsz : sizeof bytes;
    uint64_t address = image->bias + segment->p_vaddr;
    return memory_read(image->memory, address, bytes, size) ? root_in_notes(bytes, size, address) : 0;
}

/* The segment with the file's first bytes says where the file's addresses are. */
static bool find_bias(struct image *image)
{
    for (size_t i = 0; i < image->header.e_phnum; i++) {
        if (image->segment[i].p_type != PT_LOAD || image->segment[i].p_offset != 0)
            continue;
        image->bias = image->start - image->segment[i].p_vaddr;
        return true;
    }
    return false;
}

static bool is_of_this_machine(const ElfW(Ehdr) * header)
{
    static const ElfW(Half) machine =
#if defined __x86_64__
        EM_X86_64;
#elif defined __aarch64__
        EM_AARCH64;
#elif defined __riscv
        EM_RISCV;
#else
        EM_NONE;
#endif
    return header->e_ident[EI_CLASS] == (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) &&
           (machine == EM_NONE || header->e_machine == machine);
}

/* Looks at the file that is mapped from START on; returns the root's address, or 0. */
static uint64_t look_at(struct memory *memory, uint64_t start, struct find *find)
{
    struct image image = {.memory = memory, .start = start};
    if (!memory_read(memory, start, &image.header, sizeof image.header))
        return 0;
    find->is_readable = true;
    if (memcmp(image.header.e_ident, ELFMAG, SELFMAG) != 0)
        return 0;
    if (!is_of_this_machine(&image.header))
        return 0;
    find->is_other_machine = false;
    if (image.header.e_phnum > MOST_SEGMENTS || image.header.e_phentsize != sizeof *image.segment ||
        !memory_read(memory, start + image.header.e_phoff, image.segment,
                     image.header.e_phnum * sizeof *image.segment) ||
        !find_bias(&image))
        return 0;
    uint64_t root = 0;
    for (size_t i = 0; i < image.header.e_phnum && root == 0; i++)
        if (image.segment[i].p_type == PT_NOTE)
            root = root_in_segment(&image, &image.segment[i]);
    return root;
}

static void note_library(struct find *find, const char *path)
{
    const char *name = strrchr(path, '/');
    if (!name || strncmp(name, "/libhakmem.so", strlen("/libhakmem.so")) != 0)
        return;
    find->has_library = true;
    snprintf(find->library, sizeof find->library, "%s", path);
}

/* A line of /proc/PID/maps: "START-END PERMISSIONS OFFSET DEVICE INODE   PATH". */
static void look_at_line(struct memory *memory, char *line, struct find *find)
{
    uint64_t start, offset;
    char *path = strchr(line, '/');
    line[strcspn(line, "\n")] = '\0';
    if (!path || sscanf(line, "%" SCNx64 "-%*x %*s %" SCNx64, &start, &offset) != 2 || offset != 0)
        return;
    note_library(find, path);
    uint64_t root = find->count < FIND_MOST ? look_at(memory, start, find) : 0;
    for (size_t i = 0; i < find->count; i++)
        if (find->root[i].address == root)
            return;
    if (root == 0)
        return;
    find->root[find->count].address = root;
    snprintf(find->root[find->count++].path, sizeof find->root->path, "%s", path);
}

bool find_roots(struct memory *memory, struct find *find)
{
    char name[64], *line = NULL;
    size_t size = 0;
    *find = (struct find){.is_other_machine = true};
    snprintf(name, sizeof name, "/proc/%d/maps", (int)memory->pid);
    FILE *file = fopen(name, "re");
    if (!file)
        return false;
    while (getline(&line, &size, file) > 0)
        look_at_line(memory, line, find);
    free(line);
    fclose(file);
    find->is_other_machine &= find->is_readable;
    return true;
}
