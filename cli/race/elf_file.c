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

/* COUNT entries of ENTRY bytes at OFFSET, or NULL where they are not in the file. */
static const void *table(const struct image *image, uint64_t offset, uint64_t count, uint64_t entry)
{
    if (offset > image->size || count > (image->size - offset) / entry)
        return NULL;
    return image->bytes + offset;
}

static bool has_interpreter(const struct image *image, const ElfW(Ehdr) * header)
{
    const ElfW(Phdr) *segments = table(image, header->e_phoff, header->e_phnum, sizeof *segments);
    for (size_t i = 0; segments && i < header->e_phnum; i++)
        if (segments[i].p_type == PT_INTERP)
            return true;
    return !segments;
}

static bool is_called(const struct image *image, const ElfW(Shdr) * names, const ElfW(Sym) * symbol, const char *name)
{
    size_t size = strlen(name) + 1;
    if (symbol->st_name > names->sh_size || names->sh_size - symbol->st_name < size)
        return false;
    const char *text = table(image, names->sh_offset + symbol->st_name, size, 1);
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

static void read_symbols(const struct image *image, const ElfW(Ehdr) * header, struct elf_file *file)
{
    const ElfW(Shdr) *sections = table(image, header->e_shoff, header->e_shnum, sizeof *sections);
    for (size_t i = 0; sections && i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_DYNSYM || sections[i].sh_link >= header->e_shnum)
            continue;
        size_t count = sections[i].sh_size / sizeof(ElfW(Sym));
        const ElfW(Sym) *symbols = table(image, sections[i].sh_offset, count, sizeof *symbols);
        for (size_t j = 0; symbols && j < count; j++)
            read_symbol(image, &sections[sections[i].sh_link], &symbols[j], file);
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
    const ElfW(Ehdr) *header = table(image, 0, 1, EI_NIDENT);
    if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
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
