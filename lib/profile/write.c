/* SPDX-License-Identifier: MIT */
/* Writes a profile. See write.h. */
#include "config.h"

#include "lib/profile/write.h"

#include "lib/base/units.h"
#include "lib/profile/text.h"

#include <inttypes.h>
#include <string.h>

/* Sizes of a class map on one line: with six digits and a comma each they stay below 100 columns. */
#define SIZES_PER_LINE 12

static void write_comment_line(FILE *stream, const char *line, size_t length)
{
    fputs(length ? "# " : "#", stream);
    while (length > 0) {
        uint32_t code = 0;
        size_t bytes = hak_text_utf8(line, length, &code);
        char shown[8];
        char character[5] = {0};
        bytes = bytes ? bytes : 1;
        memcpy(character, line, bytes);
        fputs(hak_text_excerpt(character, shown, sizeof shown), stream);
        line += bytes;
        length -= bytes;
    }
    fputc('\n', stream);
}

static void write_comment(FILE *stream, const char *comment)
{
    for (;;) {
        size_t length = strcspn(comment, "\n");
        write_comment_line(stream, comment, length);
        if (comment[length] == '\0' || comment[length + 1] == '\0')
            break;
        comment += length + 1;
    }
}

/* In single quotes, in which only the quote itself needs an escape, so that no name ("no", "1e3", "a: b") means
 * something to YAML. */
static void write_name(FILE *stream, const char *name)
{
    fputc('\'', stream);
    for (; *name; name++) {
        if (*name == '\'')
            fputc('\'', stream);
        fputc(*name, stream);
    }
    fputc('\'', stream);
}

static void write_sizes(FILE *stream, const struct hak_profile *profile)
{
    fputc('[', stream);
    for (size_t i = 0; i < profile->size_classes_count; i++) {
        const char *separator = i == 0 ? "" : i % SIZES_PER_LINE == 0 ? ",\n          " : ", ";
        fprintf(stream, "%s%" PRIu32, separator, profile->size_classes_sizes[i]);
    }
    fputc(']', stream);
}

static void write_value(FILE *stream, const struct hak_parameter *row, const struct hak_profile *profile)
{
    char text[HAK_UNITS_TEXT];
    if (row->type == HAK_TYPE_NAME)
        write_name(stream, profile->name);
    else if (row->type == HAK_TYPE_SIZE_LIST)
        write_sizes(stream, profile);
    else
        fputs(hak_parameter_format(row, hak_parameter_get(row, profile), text, sizeof text), stream);
}

/* A profile says only what differs from the default, and which version of the format it has. */
static bool is_default(const struct hak_parameter *row, const struct hak_profile *profile)
{
    return row->type != HAK_TYPE_NAME && row->type != HAK_TYPE_SIZE_LIST &&
           row->offset != offsetof(struct hak_profile, profile_version) &&
           hak_parameter_get(row, profile) == row->standard;
}

/* Of the two ways to say the class map, only the one in use is written: a file may not have both. */
static bool is_left_out(const struct hak_parameter *row, const struct hak_profile *profile)
{
    if (is_default(row, profile))
        return true;
    bool explicit_map = profile->size_classes_count > 0;
    if (row->type == HAK_TYPE_SIZE_LIST)
        return !explicit_map;
    return row->offset == offsetof(struct hak_profile, size_classes_spacing) && explicit_map;
}

bool hak_profile_write(FILE *stream, const struct hak_profile *profile, const char *const *comments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        write_comment(stream, comments[i]);
    const char *section = "";
    size_t section_length = 0;
    for (size_t i = 0; i < hak_parameter_count; i++) {
        const struct hak_parameter *row = &hak_parameters[i];
        const char *dot = strchr(row->key, '.');
        size_t prefix = dot ? (size_t)(dot - row->key) : 0;
        if (is_left_out(row, profile))
            continue;
        if (dot && (prefix != section_length || strncmp(section, row->key, prefix) != 0))
            fprintf(stream, "%.*s:\n", (int)prefix, row->key);
        section = row->key;
        section_length = prefix;
        fprintf(stream, "%s%s: ", dot ? "  " : "", dot ? dot + 1 : row->key);
        write_value(stream, row, profile);
        fputc('\n', stream);
    }
    return fflush(stream) == 0 && !ferror(stream);
}
