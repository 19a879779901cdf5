/* SPDX-License-Identifier: MIT */
#include "lib/sample/elf_names.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

struct file {
    const uint8_t *image;
    size_t bytes;
};

/* COUNT things of SIZE bytes at OFFSET; NULL where the file does not have them all, or not where they may be read. */
static const void *at(struct file file, uint64_t offset, uint64_t count, size_t size)
{
    bool inside = offset <= file.bytes && count <= (file.bytes - offset) / size;
    bool aligned = size == 1 || ((uintptr_t)file.image + offset) % _Alignof(ElfW(Addr)) == 0;
    return inside && aligned ? file.image + offset : NULL;
}

static const ElfW(Ehdr) * header_of(struct file file)
{
    const ElfW(Ehdr) *header = at(file, 0, 1, sizeof *header);
    bool good = header != NULL && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
                header->e_ident[EI_CLASS] == (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32);
    return good ? header : NULL;
}

/* What is to be taken off an address of the file for its offset, in the segment that has OFFSET. */
static bool find_bias(struct file file, const ElfW(Ehdr) * header, uint64_t offset, uint64_t *bias)
{
    const ElfW(Phdr) *segment = at(file, header->e_phoff, header->e_phnum, sizeof *segment);
    for (size_t i = 0; segment != NULL && i < header->e_phnum; i++)
        if (segment[i].p_type == PT_LOAD && (segment[i].p_flags & PF_X) != 0 &&
            offset < segment[i].p_offset + segment[i].p_filesz && offset + PAGE_BYTES > segment[i].p_offset) {
            *bias = segment[i].p_vaddr - segment[i].p_offset;
            return true;
        }
    return false;
}

/* The full table, or that of the dynamic linker. */
static const ElfW(Shdr) * find_table(const ElfW(Shdr) * section, size_t count)
{
    const ElfW(Shdr) *table = NULL;
    for (size_t i = 0; i < count; i++)
        if (section[i].sh_type == SHT_SYMTAB || (section[i].sh_type == SHT_DYNSYM && table == NULL))
            table = &section[i];
    return table;
}

struct names {
    const char *text;
    size_t length;
};

/* NULL where it does not end inside of the names. */
static const char *name_at(struct names names, size_t place)
{
    bool ends = place < names.length && memchr(names.text + place, '\0', names.length - place) != NULL;
    return ends && names.text[place] != '\0' ? names.text + place : NULL;
}

void elf_names_each(const uint8_t *image, size_t bytes, uint64_t offset,
                    void (*visit)(uint64_t start, uint64_t end, const char *name, void *context), void *context)
{
    struct file file = {image, bytes};
    const ElfW(Ehdr) *header = header_of(file);
    uint64_t bias;
    if (header == NULL || !find_bias(file, header, offset, &bias))
        return;
    const ElfW(Shdr) *section = at(file, header->e_shoff, header->e_shnum, sizeof *section);
    const ElfW(Shdr) *table = section != NULL ? find_table(section, header->e_shnum) : NULL;
    if (table == NULL || table->sh_link >= header->e_shnum)
        return;
    size_t count = table->sh_size / sizeof(ElfW(Sym));
    const ElfW(Sym) *symbol = at(file, table->sh_offset, count, sizeof *symbol);
    struct names names = {.length = section[table->sh_link].sh_size};
    names.text = at(file, section[table->sh_link].sh_offset, names.length, 1);
    for (size_t i = 0; symbol != NULL && names.text != NULL && i < count; i++) {
        bool is_function = (symbol[i].st_info & 0xf) == STT_FUNC && symbol[i].st_shndx != SHN_UNDEF;
        const char *name = is_function ? name_at(names, symbol[i].st_name) : NULL;
        if (name != NULL)
            visit(symbol[i].st_value - bias, symbol[i].st_value - bias + symbol[i].st_size, name, context);
    }
}

uint64_t elf_names_bias(const uint8_t *image, size_t bytes, uint64_t offset)
{
    struct file file = {image, bytes};
    const ElfW(Ehdr) *header = header_of(file);
    uint64_t bias = 0;
    return header != NULL && find_bias(file, header, offset, &bias) ? bias : 0;
}
