/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See utf8.h. */
#include "config.h"

#include "cli/output/utf8.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define LAST_CHARACTER 0x10ffff
#define FIRST_SURROGATE 0xd800
#define LAST_SURROGATE 0xdfff
#define DELETE 0x7f /* begins the second range of control characters */
#define LAST_CONTROL 0x9f

/* --- characters --------------------------------------------------------------------------------------------------- */

/* Bytes of a character that begins with FIRST; 0: none does. */
static size_t length_by(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

/* Whether VALUE is a character, and needs LENGTH bytes. */
static bool is_character(uint32_t value, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return value >= least[length] && value <= LAST_CHARACTER && (value < FIRST_SURROGATE || value > LAST_SURROGATE);
}

size_t utf8_next(const char *text, uint32_t *character)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = length_by(bytes[0]);
    uint32_t value = length < 2 ? bytes[0] : bytes[0] & (0x7fu >> length);
    *character = UTF8_INVALID;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | (bytes[i] & 0x3f);
    }
    if (length == 0 || !is_character(value, length))
        return 1;
    *character = value;
    return length;
}

/* --- columns ------------------------------------------------------------------------------------------------------ */

/* One in which wcwidth knows all characters; 0: the system has none, and each is taken for one column. */
static locale_t wide_locale;

static void make_wide_locale(void)
{
    static const char *const names[] = {"C.UTF-8", "en_US.UTF-8", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names && !wide_locale; i++)
        wide_locale = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
}

unsigned utf8_character_width(uint32_t character)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (character < 0x80 || character == UTF8_INVALID)
        return 1;
    pthread_once(&once, make_wide_locale);
    if (!wide_locale)
        return 1;
    locale_t before = uselocale(wide_locale);
    int width = wcwidth((wchar_t)character);
    uselocale(before);
    return width < 0 ? 1 : (unsigned)width;
}

size_t utf8_width(const char *text, size_t bytes)
{
    size_t width = 0;
    uint32_t character;
    for (size_t at = 0; at < bytes && text[at];) {
        at += utf8_next(text + at, &character);
        width += utf8_character_width(character);
    }
    return width;
}

/* --- what is shown ------------------------------------------------------------------------------------------------ */

static bool is_printable(uint32_t character, bool utf8)
{
    if (character == UTF8_INVALID || character < ' ' || (character >= DELETE && character <= LAST_CONTROL))
        return false;
    return utf8 || character < 0x80;
}

/* Bytes of the colour that TEXT begins with: "\033[1;32m"; 0: with none. */
static size_t colour_length(const char *text)
{
    if (text[0] != '\033' || text[1] != '[')
        return 0;
    size_t length = 2 + strspn(text + 2, "0123456789;");
    return text[length] == 'm' ? length + 1 : 0;
}

/* Bytes of TEXT that stay as they are for LINES: a newline or a colour. */
static size_t kept_length(const char *text, bool lines)
{
    return !lines ? 0 : *text == '\n' ? 1 : colour_length(text);
}

static void clean(char *text, bool utf8, bool lines)
{
    char *to = text;
    for (const char *from = text; *from;) {
        uint32_t character;
        size_t kept = kept_length(from, lines), bytes = kept ? kept : utf8_next(from, &character);
        if (kept || is_printable(character, utf8)) {
            memmove(to, from, bytes);
            to += bytes;
        } else {
            *to++ = '?';
        }
        from += bytes;
    }
    *to = '\0';
}

void utf8_clean(char *text, bool utf8)
{
    clean(text, utf8, false);
}

void utf8_clean_lines(char *text)
{
    clean(text, true, true);
}

/* --- the environment ---------------------------------------------------------------------------------------------- */

/* The locale is not loaded for it: where its data is not installed, as in many containers, its name still says what the
 * terminal shows. */
bool utf8_is_wanted(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return strcasestr(value, "UTF-8") || strcasestr(value, "UTF8");
    }
    return false;
}
