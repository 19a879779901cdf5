/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See html.h. */
#include "cli/output/html.h"

#include "cli/output/memory.h"
#include "cli/output/utf8.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "&#xFFFD;"

static const char *escape(uint32_t character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\n':
    case '\t':
        return NULL;
    default: /* control characters, and U+0080 to U+009F */
        return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == UTF8_INVALID ? REPLACEMENT
                                                                                                        : NULL;
    }
}

void html_text(FILE *stream, const char *text)
{
    while (*text) {
        uint32_t character;
        size_t length = utf8_next(text, &character);
        const char *escaped = escape(character);
        if (escaped)
            fputs(escaped, stream);
        else
            fwrite(text, 1, length, stream);
        text += length;
    }
}

void html_format(FILE *stream, const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    html_text(stream, must_have(text));
    free(text);
}

/* jansson writes '<' as it is; in a string, where alone it can stand, its escape means the same. */
void html_json(FILE *stream, const json_t *value)
{
    char *text = must_have(json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(7)));
    for (const char *at = text; *at; at++) {
        if (*at == '<' || *at == '>' || *at == '&')
            fprintf(stream, "\\u%04x", (unsigned)*at);
        else
            fputc(*at, stream);
    }
    free(text);
}
