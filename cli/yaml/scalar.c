/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See scalar.h. */
#include "config.h"

#include "cli/yaml/scalar.h"

#include "lib/profile/text.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

/* What a plain scalar is written with everywhere, and what may stand in it besides: but outside of brackets, for the
 * second. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=@%~^"
#define PLAIN_IN_BLOCK " :{}[],$()*&|<>;!?'\"\\"
#define PLAIN_FIRST "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._"

bool yaml_scalar_possible(const char *text)
{
    uint32_t code;
    for (size_t bytes; *text; text += bytes)
        if ((bytes = hak_text_utf8(text, strlen(text), &code)) == 0)
            return false;
    return true;
}

/* Blanks at its ends would be lost, a colon before one would end a key, and three dots or dashes a document. */
static bool is_plain(const char *text, bool in_list)
{
    size_t length = strlen(text), dashes = strspn(text, "-");
    return length > dashes && dashes < 3 && strchr(PLAIN_FIRST, text[dashes]) && text[length - 1] != ' ' &&
           text[length - 1] != ':' && !strstr(text, ": ") && strncmp(text, "...", 3) != 0 &&
           strspn(text, in_list ? PLAIN : PLAIN PLAIN_IN_BLOCK) == length;
}

/* What YAML takes as it is between double quotes. */
static bool is_printable(uint32_t code)
{
    return (code >= 0x20 && code < 0x7f) || (code > 0xa0 && code < 0x2028) || (code > 0x2029 && code < 0xfeff) ||
           (code > 0xfeff && code < 0xfffe) || code >= 0x10000;
}

static void print_escaped(FILE *stream, uint32_t code)
{
    if (code == '\n')
        fputs("\\n", stream);
    else if (code < 0x100)
        fprintf(stream, "\\x%02" PRIx32, code);
    else
        fprintf(stream, "\\u%04" PRIx32, code);
}

void yaml_scalar_print(FILE *stream, const char *text, bool in_list)
{
    if (is_plain(text, in_list)) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (size_t bytes; *text; text += bytes) {
        uint32_t code = 0;
        bytes = hak_text_utf8(text, strlen(text), &code);
        if (bytes == 0)
            break;
        if (code == '"' || code == '\\')
            fputc('\\', stream);
        if (is_printable(code))
            fwrite(text, 1, bytes, stream);
        else
            print_escaped(stream, code);
    }
    fputc('"', stream);
}
