/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See elf_file.h. */
#include "config.h"

#include "cli/race/elf_file.h"

#include <ctype.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* "5.3.0-0-g54eaed1d8b56b1aa528be3bdd1877e59c56fa90c": jemalloc's version, in the file as a string. */
#define VERSION_MARK "-g"
#define COMMIT_DIGITS 40

struct image {
    const unsigned char *bytes;
    size_t size;
};

/* COUNT entries of ENTRY bytes at OFFSET, or NULL where they are not in the file. They may lie at any address: take().
 */
static const unsigned char *table(const struct image *image, uint64_t offset, uint64_t count, uint64_t entry)
{
    if (offset > image->size || count > (image->size - offset) / entry)
        return NULL;
    return image->bytes + offset;
}

/* Copies entry INDEX of SIZE bytes of TABLE into ENTRY. */
static void take(const unsigned char *table, size_t index, void *entry, size_t size)
{
    memcpy(entry, table + index * size, size);
}

static bool has_interpreter(const struct image *image, const ElfW(Ehdr) * header)
{
    ElfW(Phdr) segment;
    const unsigned char *segments = table(image, header->e_phoff, header->e_phnum, sizeof segment);
    for (size_t i = 0; segments && i < header->e_phnum; i++) {
        take(segments, i, &segment, sizeof segment);
        if (segment.p_type == PT_INTERP)
            return true;
    }
    return !segments;
}

static bool is_called(const struct image *image, const ElfW(Shdr) * names, const ElfW(Sym) * symbol, const char *name)
{
    size_t size = strlen(name) + 1;
    if (symbol->st_name > names->sh_size || names->sh_size - symbol->st_name < size)
        return false;
    const unsigned char *text = table(image, names->sh_offset + symbol->st_name, size, 1);
    return text && memcmp(text, name, size) == 0;
}

static void read_symbol(const struct image *image, const ElfW(Shdr) * names, const ElfW(Sym) * symbol,
                        struct elf_file *file)
{
    if (symbol->st_shndx != SHN_UNDEF)
        file->defines_malloc |= is_called(image, names, symbol, "malloc");
    else
        file->may_forward |= is_called(image, names, symbol, "dlsym");
}

/* Of the symbols that SECTION has, whose names are in NAMES. */
static void read_section(const struct image *image, const ElfW(Shdr) * section, const ElfW(Shdr) * names,
                         struct elf_file *file)
{
    ElfW(Sym) symbol;
    size_t count = section->sh_size / sizeof symbol;
    const unsigned char *symbols = table(image, section->sh_offset, count, sizeof symbol);
    for (size_t i = 0; symbols && i < count; i++) {
        take(symbols, i, &symbol, sizeof symbol);
        read_symbol(image, names, &symbol, file);
    }
}

static void read_symbols(const struct image *image, const ElfW(Ehdr) * header, struct elf_file *file)
{
    ElfW(Shdr) section, names;
    const unsigned char *sections = table(image, header->e_shoff, header->e_shnum, sizeof section);
    for (size_t i = 0; sections && i < header->e_shnum; i++) {
        take(sections, i, &section, sizeof section);
        if (section.sh_type != SHT_DYNSYM || section.sh_link >= header->e_shnum)
            continue;
        take(sections, section.sh_link, &names, sizeof names);
        read_section(image, &section, &names, file);
    }
}

/* Copies the version that stands in front of a commit's digits at MARK. */
static void copy_version(const struct image *image, const unsigned char *mark, char *version, size_t size)
{
    const unsigned char *end = image->bytes + image->size, *digits = mark + sizeof VERSION_MARK - 1, *start = mark;
    for (size_t i = 0; i < COMMIT_DIGITS; i++)
        if (digits + i >= end || !isxdigit(digits[i]))
            return;
    while (start > image->bytes && (isdigit(start[-1]) || start[-1] == '.' || start[-1] == '-'))
        start--;
    size_t length = 0;
    while (length + 1 < size && start + length < mark && start[length] != '-') {
        version[length] = (char)start[length];
        length++;
    }
    version[length] = '\0';
}

static void find_version(const struct image *image, char *version, size_t size)
{
    const unsigned char *at = image->bytes, *end = image->bytes + image->size;
    while (!version[0] && (at = memmem(at, (size_t)(end - at), VERSION_MARK, sizeof VERSION_MARK - 1)))
        copy_version(image, at++, version, size);
}

static void read_image(const struct image *image, struct elf_file *file)
{
    const ElfW(Ehdr) *header = (const void *)image->bytes; /* a page's first byte */
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return;
    file->known = true;
    file->other_class = header->e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32);
    if (file->other_class || image->size < sizeof *header)
        return;
    file->is_static = !has_interpreter(image, header);
    read_symbols(image, header, file);
    if (file->defines_malloc)
        find_version(image, file->version, sizeof file->version);
}

struct elf_file elf_file_read(const char *path)
{
    struct elf_file file = {0};
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= EI_NIDENT) {
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes != MAP_FAILED) {
            read_image(&(struct image){bytes, (size_t)status.st_size}, &file);
            munmap(bytes, (size_t)status.st_size);
        }
        file.is_set_user_id = (status.st_mode & S_ISUID) && status.st_uid != getuid();
    }
    close(fd);
    return file;
}
