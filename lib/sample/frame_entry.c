/* SPDX-License-Identifier: MIT */
#include "lib/sample/frame_entry.h"

#include <string.h>

/* --- reading ------------------------------------------------------------------------------------------------------ */

uint64_t frame_read_bytes(struct frame_reader *reader, size_t count)
{
    uint64_t value = 0;
    if ((size_t)(reader->end - reader->at) < count) {
        reader->at = reader->end;
        return 0;
    }
    memcpy(&value, reader->at, count); /* both processors are little-endian */
    reader->at += count;
    return value;
}

/* Seven bits a byte, the lowest first; *BITS: how many there were, *LAST the last byte. */
static uint64_t read_leb(struct frame_reader *reader, unsigned *bits, uint64_t *last)
{
    uint64_t value = 0;
    *bits = 0;
    do {
        *last = frame_read_bytes(reader, 1);
        value |= *bits < 64 ? (*last & 0x7f) << *bits : 0;
        *bits += 7;
    } while ((*last & 0x80) != 0);
    return value;
}

uint64_t frame_read_uleb(struct frame_reader *reader)
{
    unsigned bits;
    uint64_t last;
    return read_leb(reader, &bits, &last);
}

int64_t frame_read_sleb(struct frame_reader *reader)
{
    unsigned bits;
    uint64_t last, value = read_leb(reader, &bits, &last);
    bool is_negative = bits < 64 && (last & 0x40) != 0;
    return (int64_t)(is_negative ? value | ~UINT64_C(0) << bits : value);
}

/* How an address is written: the lower half of the byte says as what, the upper from where. */
enum { AS_MASK = 0x0f, FROM_MASK = 0x70, FROM_HERE = 0x10, FROM_TABLE = 0x30, OMITTED = 0xff };

static uintptr_t read_value(struct frame_reader *reader, unsigned as)
{
    switch (as) {
    case 0x01:
        return frame_read_uleb(reader);
    case 0x02:
        return frame_read_bytes(reader, 2);
    case 0x03:
        return frame_read_bytes(reader, 4);
    case 0x09:
        return (uintptr_t)frame_read_sleb(reader);
    case 0x0a:
        return (uintptr_t)(int16_t)frame_read_bytes(reader, 2);
    case 0x0b:
        return (uintptr_t)(int32_t)frame_read_bytes(reader, 4);
    default: /* 0x00, 0x04, 0x0c */
        return frame_read_bytes(reader, sizeof(uintptr_t));
    }
}

uintptr_t frame_read_address(struct frame_reader *reader, unsigned encoding)
{
    uintptr_t here = (uintptr_t)reader->at;
    if (encoding == OMITTED)
        return 0;
    uintptr_t value = read_value(reader, encoding & AS_MASK);
    if ((encoding & FROM_MASK) == FROM_HERE)
        return here + value;
    return (encoding & FROM_MASK) == FROM_TABLE ? reader->table + value : value;
}

/* --- the entry of a function -------------------------------------------------------------------------------------- */

/* Reads the length of an entry, of which none of the 64-bit form is known to exist; the reader ends with it then. */
static bool enter(struct frame_reader *reader)
{
    *reader = (struct frame_reader){reader->at, reader->at + sizeof(uint32_t), reader->table};
    uint32_t length = (uint32_t)frame_read_bytes(reader, sizeof length);
    reader->end = reader->at + length;
    return length != 0 && length != UINT32_MAX;
}

/* The letters of an augmentation: each says what is there more. */
static bool read_augmentation(struct frame_reader *reader, const char *letters, struct frame_entry *entry)
{
    uint64_t length = frame_read_uleb(reader);
    const uint8_t *end = reader->at + length;
    if ((size_t)(reader->end - reader->at) < length)
        return false;
    for (; *letters != '\0'; letters++)
        switch (*letters) {
        case 'R':
            entry->pointer = (unsigned)frame_read_bytes(reader, 1);
            break;
        case 'P': /* the personality: its encoding, its address */
            frame_read_address(reader, (unsigned)frame_read_bytes(reader, 1) & AS_MASK);
            break;
        case 'L':
            frame_read_bytes(reader, 1);
            break;
        case 'S':
            entry->is_signal = true;
            break;
        case 'B': /* aarch64: return addresses are signed with the second key */
            break;
        default:
            return false;
        }
    reader->at = end;
    return true;
}

/* The common entry at READER: its instructions remain. */
static bool read_common(struct frame_reader *reader, struct frame_entry *entry)
{
    if (!enter(reader) || frame_read_bytes(reader, 4) != 0)
        return false;
    unsigned version = (unsigned)frame_read_bytes(reader, 1);
    const char *letters = (const char *)reader->at;
    while (frame_read_bytes(reader, 1) != 0)
        ;
    if ((version != 1 && version != 3) || (*letters != 'z' && *letters != '\0'))
        return false;
    entry->code_factor = frame_read_uleb(reader);
    entry->data_factor = frame_read_sleb(reader);
    int64_t return_register = (int64_t)(version == 1 ? frame_read_bytes(reader, 1) : frame_read_uleb(reader));
    if (return_register != REGISTER_RETURN)
        return false;
    entry->has_augmentation = *letters == 'z';
    return !entry->has_augmentation || read_augmentation(reader, letters + 1, entry);
}

/* The function's entry at AT. False where it has none for ADDRESS. */
static bool read_entry(const uint8_t *at, uintptr_t table, uintptr_t address, struct frame_entry *entry)
{
    *entry = (struct frame_entry){.own = {.at = at, .table = table}};
    if (!enter(&entry->own))
        return false;
    const uint8_t *here = entry->own.at;
    uint32_t back = (uint32_t)frame_read_bytes(&entry->own, sizeof back);
    entry->common = (struct frame_reader){.at = here - back, .table = table};
    if (back == 0 || !read_common(&entry->common, entry))
        return false;
    entry->start = frame_read_address(&entry->own, entry->pointer);
    uintptr_t length = read_value(&entry->own, entry->pointer & AS_MASK);
    uint64_t more = entry->has_augmentation ? frame_read_uleb(&entry->own) : 0;
    entry->own.at += size_minimum(more, (size_t)(entry->own.end - entry->own.at));
    return address - entry->start < length;
}

/* --- the table of functions --------------------------------------------------------------------------------------- */

/* Its head, and one of its rows: both addresses from the table's start. Every linker writes them so. */
enum { TABLE_VERSION = 1, TABLE_COUNT_AS = 0x03, TABLE_ROWS_AS = FROM_TABLE | 0x0b };

struct row {
    int32_t start, entry;
};

static const uint8_t *find_entry(const uint8_t *table, uintptr_t address)
{
    struct frame_reader reader = {table, table + 32, (uintptr_t)table};
    unsigned version = (unsigned)frame_read_bytes(&reader, 1), frame_as = (unsigned)frame_read_bytes(&reader, 1),
             count_as = (unsigned)frame_read_bytes(&reader, 1), rows_as = (unsigned)frame_read_bytes(&reader, 1);
    frame_read_address(&reader, frame_as);
    if (version != TABLE_VERSION || count_as != TABLE_COUNT_AS || rows_as != TABLE_ROWS_AS)
        return NULL;
    size_t low = 0, high = frame_read_address(&reader, count_as);
    const uint8_t *rows = reader.at;
    struct row row;
    int64_t wanted = (int64_t)(address - (uintptr_t)table);
    while (low < high) { /* up to `low` they start at ADDRESS or before */
        size_t middle = (low + high) / 2;
        memcpy(&row, rows + middle * sizeof row, sizeof row);
        if (row.start <= wanted)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    memcpy(&row, rows + (low - 1) * sizeof row, sizeof row);
    return table + row.entry;
}

bool frame_entry_find(const uint8_t *table, uintptr_t address, struct frame_entry *entry)
{
    const uint8_t *at = find_entry(table, address);
    return at != NULL && read_entry(at, (uintptr_t)table, address, entry);
}
