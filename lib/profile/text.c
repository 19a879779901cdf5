/* SPDX-License-Identifier: MIT */
/* Text for messages. See text.h. */
#include "config.h"

#include "lib/profile/text.h"

#include <stdbool.h>
#include <string.h>

/* The number of bytes that a first byte announces, and the smallest code that needs so many (shorter ones would be
 * overlong). */
static size_t announced_length(unsigned char first, uint32_t *bits, uint32_t *smallest)
{
    if (first < 0x80) {
        *bits = first;
        *smallest = 0;
        return 1;
    }
    if (first >= 0xc2 && first < 0xe0) {
        *bits = first & 0x1f;
        *smallest = 0x80;
        return 2;
    }
    if (first >= 0xe0 && first < 0xf0) {
        *bits = first & 0x0f;
        *smallest = 0x800;
        return 3;
    }
    if (first >= 0xf0 && first < 0xf5) {
        *bits = first & 0x07;
        *smallest = 0x10000;
        return 4;
    }
    return 0;
}

size_t hak_text_utf8(const char *text, size_t left, uint32_t *code)
{
    if (left == 0)
        return 0;
    uint32_t bits = 0, smallest = 0;
    size_t length = announced_length((unsigned char)text[0], &bits, &smallest);
    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if ((byte & 0xc0) != 0x80)
            return 0;
        bits = bits << 6 | (byte & 0x3f);
    }
    bool surrogate = bits >= 0xd800 && bits < 0xe000;
    if (bits < smallest || bits > 0x10ffff || surrogate)
        return 0;
    *code = bits;
    return length;
}

/* No C0 or C1 control, none of YAML's other line breaks, no byte order mark. */
static bool printable(uint32_t code)
{
    return code >= 0x20 && !(code >= 0x7f && code < 0xa0) && code != 0x2028 && code != 0x2029 && code != 0xfeff &&
           code != 0xfffe && code != 0xffff;
}

static const char *copy_printable(const char *text, size_t left, char *buffer, size_t size)
{
    bool whole = left < size; /* nothing grows */
    size_t room = whole ? size - 1 : size - sizeof "...";
    char *out = buffer;
    while (left > 0) {
        uint32_t code = 0;
        size_t length = hak_text_utf8(text, left, &code);
        bool good = length > 0 && printable(code);
        size_t consumed = length > 0 ? length : 1;
        size_t produced = good ? length : 1;
        if (produced > room)
            break;
        memcpy(out, good ? text : "?", produced);
        out += produced;
        room -= produced;
        text += consumed;
        left -= consumed;
    }
    strcpy(out, left > 0 ? "..." : "");
    return buffer;
}

const char *hak_text_excerpt(const char *text, char *buffer, size_t size)
{
    return copy_printable(text, strlen(text), buffer, size);
}

const char *hak_text_excerpt_end(const char *text, char *buffer, size_t size)
{
    size_t length = strlen(text);
    if (length < size)
        return copy_printable(text, length, buffer, size);
    memcpy(buffer, "...", 3); /* NOLINT(bugprone-not-null-terminated-result): copy_printable goes on behind it */
    const char *end = text + length - (size - 4);
    while (((unsigned char)*end & 0xc0) == 0x80) /* not in the middle of a character */
        end++;
    copy_printable(end, strlen(end), buffer + 3, size - 3);
    return buffer;
}

size_t hak_text_join(char *buffer, size_t size, const char *first, const char *second, const char *third)
{
    const char *parts[] = {first, second, third};
    size_t whole = 0, used = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t length = strlen(parts[i]);
        size_t copied = size_minimum(length, size - 1 - used);
        memcpy(buffer + used, parts[i], copied);
        whole += length;
        used += copied;
    }
    buffer[used] = '\0';
    return whole;
}
