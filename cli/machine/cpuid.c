/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See cpuid.h. */
#include "cli/machine/cpuid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#define HAVE_CPUID 1
#endif

/* Bits of the first column in hwloc-gather-cpuid's format. */
enum { MASK_EAX = 1, MASK_ECX = 4 };

static bool add_leaf(struct cpuid_table *table, const struct cpuid_leaf *leaf)
{
    if (table->count == CPUID_MAX_LEAVES)
        return false;
    table->leaves[table->count++] = *leaf;
    return true;
}

#ifdef HAVE_CPUID
static struct cpuid_leaf read_leaf(uint32_t leaf, uint32_t subleaf, bool has_subleaf)
{
    struct cpuid_leaf row = {.leaf = leaf, .subleaf = subleaf, .has_subleaf = has_subleaf};
    __cpuid_count(leaf, subleaf, row.eax, row.ebx, row.ecx, row.edx);
    return row;
}

/* Leaf 0x18 says in its subleaf 0 how many there are. */
static void read_translation_leaves(struct cpuid_table *table)
{
    struct cpuid_leaf first = read_leaf(0x18, 0, true);
    uint32_t last = first.eax < 64
                        ? first.eax
                        : 64; /* no processor has more than a dozen; a broken answer must not fill the table */
    add_leaf(table, &first);
    for (uint32_t subleaf = 1; subleaf <= last; subleaf++) {
        struct cpuid_leaf row = read_leaf(0x18, subleaf, true);
        add_leaf(table, &row);
    }
}

static void read_plain_leaves(struct cpuid_table *table, const uint32_t *wanted, size_t count, uint32_t highest)
{
    for (size_t i = 0; i < count; i++) {
        if (wanted[i] > highest)
            continue;
        struct cpuid_leaf row = read_leaf(wanted[i], 0, false);
        add_leaf(table, &row);
    }
}

bool cpuid_read(struct cpuid_table *table)
{
    static const uint32_t basic[] = {0, 1, 2};
    static const uint32_t extended[] = {0x80000000, 0x80000005, 0x80000006, 0x80000019, 0x80000021};
    memset(table, 0, sizeof *table);
    uint32_t highest = __get_cpuid_max(0, NULL);
    if (highest == 0)
        return false;
    read_plain_leaves(table, basic, sizeof basic / sizeof *basic, highest);
    if (highest >= 0x18)
        read_translation_leaves(table);
    read_plain_leaves(table, extended, sizeof extended / sizeof *extended, __get_cpuid_max(0x80000000, NULL));
    return true;
}
#else
bool cpuid_read(struct cpuid_table *table)
{
    memset(table, 0, sizeof *table);
    return false;
}
#endif

/* One line of the file. Returns 1: a leaf; 0: nothing on it; -1: not of this format. */
static int parse_line(const char *line, struct cpuid_leaf *row)
{
    const char *start = line + strspn(line, " \t");
    if (*start == '#' || *start == '\n' || *start == '\0')
        return 0;
    uint32_t mask, unused_ebx, unused_edx;
    int end = 0;
    memset(row, 0, sizeof *row);
    int fields = sscanf(start,
                        "%" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32 " => %" SCNx32 " %" SCNx32
                        " %" SCNx32 " %" SCNx32 " %n",
                        &mask, &row->leaf, &unused_ebx, &row->subleaf, &unused_edx, &row->eax, &row->ebx, &row->ecx,
                        &row->edx, &end);
    if (fields != 9 || start[end] != '\0' || !(mask & MASK_EAX))
        return -1;
    row->has_subleaf = (mask & MASK_ECX) != 0;
    return 1;
}

static bool load_lines(struct cpuid_table *table, FILE *file, const char *path, char *message, size_t size)
{
    char line[256];
    for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
        struct cpuid_leaf row;
        int kind = parse_line(line, &row);
        if (kind < 0) {
            snprintf(message, size,
                     "%s:%u: not a line of hwloc-gather-cpuid (mask and 4 registers => 4 registers, hexadecimal)", path,
                     number);
            return false;
        }
        if (kind > 0 && !add_leaf(table, &row)) {
            snprintf(message, size, "%s:%u: more than %d leaves", path, number, CPUID_MAX_LEAVES);
            return false;
        }
    }
    if (ferror(file)) {
        snprintf(message, size, "%s: %s", path, strerror(errno));
        return false;
    }
    if (table->count == 0) {
        snprintf(message, size, "%s: no CPUID leaf in it (expected a file of hwloc-gather-cpuid)", path);
        return false;
    }
    return true;
}

bool cpuid_load(struct cpuid_table *table, const char *path, char *message, size_t size)
{
    memset(table, 0, sizeof *table);
    FILE *file = fopen(path, "re");
    if (!file) {
        snprintf(message, size, "%s: %s", path, strerror(errno));
        return false;
    }
    bool loaded = load_lines(table, file, path, message, size);
    fclose(file);
    return loaded;
}

const struct cpuid_leaf *cpuid_find(const struct cpuid_table *table, uint32_t leaf, uint32_t subleaf)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct cpuid_leaf *row = &table->leaves[i];
        if (row->leaf == leaf && (!row->has_subleaf || row->subleaf == subleaf))
            return row;
    }
    return NULL;
}

enum cpuid_vendor cpuid_vendor(const struct cpuid_table *table)
{
    const struct cpuid_leaf *identity = cpuid_find(table, 0, 0);
    char name[13] = "";
    if (!identity)
        return CPUID_VENDOR_UNKNOWN;
    memcpy(name, &identity->ebx, 4);
    memcpy(name + 4, &identity->edx, 4);
    memcpy(name + 8, &identity->ecx, 4);
    if (strcmp(name, "GenuineIntel") == 0)
        return CPUID_VENDOR_INTEL;
    if (strcmp(name, "AuthenticAMD") == 0 || strcmp(name, "HygonGenuine") == 0)
        return CPUID_VENDOR_AMD;
    return CPUID_VENDOR_UNKNOWN;
}

unsigned cpuid_family(const struct cpuid_table *table)
{
    const struct cpuid_leaf *version = cpuid_find(table, 1, 0);
    if (!version)
        return 0;
    unsigned base = version->eax >> 8 & 0xf;
    return base == 0xf ? base + (version->eax >> 20 & 0xff) : base;
}

bool cpuid_under_hypervisor(const struct cpuid_table *table)
{
    const struct cpuid_leaf *features = cpuid_find(table, 1, 0);
    return features && features->ecx >> 31;
}
