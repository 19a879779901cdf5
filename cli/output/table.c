/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See table.h. */
#include "cli/output/table.h"

#include "cli/output/html.h"
#include "cli/output/memory.h"
#include "cli/output/utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    GAP = 2,                 /* blanks between columns */
    HANGING = 4,             /* blanks before what goes on of a line */
    PIPED_WIDTH = 80,        /* of a line that does not go to a terminal: it can be pasted anywhere */
    NARROWEST_TERMINAL = 20, /* a smaller size is a window being resized, or a lie */
    NARROWEST_WRAP = 24,     /* a paragraph narrower than this is not wrapped: it would be one word a line */
    NARROWEST_NAME = 10      /* a word of a column of texts is not cut to less */
};

#define ESCAPE '\033'
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct table {
    size_t columns, rows; /* row 0 is the headings */
    char *alignment;
    char ***cells; /* [row][column] */
};

struct table *table_new(const char *const *columns, const char *alignment)
{
    struct table *table = must_have(calloc(1, sizeof *table));
    while (columns[table->columns])
        table->columns++;
    table->alignment = must_have(strdup(alignment));
    table_add(table, columns);
    return table;
}

void table_add(struct table *table, const char *const *cells)
{
    table->cells = must_have(realloc(table->cells, (table->rows + 1) * sizeof *table->cells));
    char **row = must_have(calloc(table->columns, sizeof *row));
    for (size_t column = 0; column < table->columns; column++) {
        row[column] = must_have(strdup(cells[column]));
        utf8_clean_lines(row[column]);
    }
    table->cells[table->rows++] = row;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t column = 0; column < table->columns; column++)
            free(table->cells[row][column]);
        free(table->cells[row]);
    }
    free(table->cells);
    free(table->alignment);
    free(table);
}

/* Columns that the first BYTES of TEXT take: without escape sequences, which end with a letter. */
static size_t visible_width(const char *text, size_t bytes)
{
    size_t width = 0;
    for (size_t at = 0; at < bytes && text[at];) {
        uint32_t character;
        if (text[at] == ESCAPE) {
            at += 1 + strcspn(text + at + 1, LETTERS);
            at += text[at] != '\0';
            continue;
        }
        size_t length = utf8_next(text + at, &character);
        width += utf8_character_width(character);
        at += length;
    }
    return width;
}

static void print_blanks(FILE *stream, size_t count)
{
    fprintf(stream, "%*s", (int)count, "");
}

/* How many bytes of TEXT go on a line of WIDTH characters. It breaks at the last blank that fits; else MAY_CUT: where
 * the line is full; else at the first blank. */
static size_t line_length(const char *text, size_t width, bool may_cut)
{
    size_t length = strlen(text), last_blank = 0, full = 0;
    if (width == 0 || visible_width(text, length) <= width)
        return length;
    for (size_t i = 1; i < length; i++) {
        bool fits = visible_width(text, i) <= width;
        if (text[i] == ' ' && (fits || last_blank == 0))
            last_blank = i;
        if (fits && ((unsigned char)text[i] & 0xc0) != 0x80)
            full = i;
        if (!fits && (last_blank || may_cut))
            break;
    }
    if (last_blank && visible_width(text, last_blank) <= width)
        return last_blank;
    return may_cut && full ? full : last_blank ? last_blank : length;
}

/* --- paragraphs --------------------------------------------------------------------------------------------------- */

/* The first line begins at BEFORE, the others at INDENT. */
static void print_clean(FILE *stream, const char *text, size_t before, size_t indent, size_t width)
{
    for (size_t taken = before;; taken = indent) {
        size_t length = line_length(text, width > taken + NARROWEST_WRAP ? width - taken : 0, false);
        fprintf(stream, "%.*s\n", (int)length, text);
        text += length;
        text += strspn(text, " ");
        if (!*text)
            return;
        print_blanks(stream, indent);
    }
}

/* The same of TEXT that has anybody's names in it. */
static void print_wrapped(FILE *stream, const char *text, size_t before, size_t indent, size_t width)
{
    char *copy = must_have(strdup(text));
    utf8_clean_lines(copy);
    print_clean(stream, copy, before, indent, width);
    free(copy);
}

void table_print_paragraph(FILE *stream, const char *text, unsigned indent, unsigned width)
{
    print_blanks(stream, indent);
    print_wrapped(stream, text, indent, indent, width);
}

void table_print_entry(FILE *stream, const char *label, const char *text, unsigned indent, unsigned width)
{
    size_t taken = visible_width(label, strlen(label));
    fputs(label, stream);
    print_blanks(stream, taken < indent ? indent - taken : 1);
    print_wrapped(stream, text, taken < indent ? indent : taken + 1, indent, width);
}

void table_print_line(FILE *stream, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = must_have(NULL);
    va_end(arguments);
    print_wrapped(stream, text, 0, HANGING, table_stream_width(stream));
    free(text);
}

char *table_fold(const char *text, unsigned indent, unsigned width)
{
    char *folded = NULL;
    size_t size;
    FILE *stream = must_have(open_memstream(&folded, &size));
    print_wrapped(stream, text, 0, indent, width);
    if (fclose(stream) != 0)
        folded = must_have(NULL);
    return folded;
}

/* --- how wide columns are ----------------------------------------------------------------------------------------- */

static size_t longest_word(const char *text)
{
    size_t longest = 0;
    while (*text) {
        size_t length = strcspn(text, " "), width = visible_width(text, length);
        longest = width > longest ? width : longest;
        text += length + strspn(text + length, " ");
    }
    return longest;
}

/* The widest cell of COLUMN from row FIRST on; or its widest word. */
static size_t column_width(const struct table *table, size_t column, size_t first, bool of_words)
{
    size_t width = 0;
    for (size_t row = first; row < table->rows; row++) {
        const char *cell = table->cells[row][column];
        size_t of_cell = of_words ? longest_word(cell) : visible_width(cell, strlen(cell));
        width = of_cell > width ? of_cell : width;
    }
    return width;
}

/* What gives way where a table is too wide, in this order. */
enum giving_way { HEADINGS_BREAK, TEXTS_BREAK, NAMES_ARE_CUT, GIVING_WAYS };

/* How narrow COLUMN may get. */
static size_t narrowest(const struct table *table, size_t column, enum giving_way way)
{
    size_t body = column_width(table, column, 1, false), heading = longest_word(table->cells[0][column]);
    size_t words = column_width(table, column, 0, true);
    if (way == HEADINGS_BREAK || table->alignment[column] == 'r')
        return body > heading ? body : heading;
    return way == NAMES_ARE_CUT && words > NARROWEST_NAME ? NARROWEST_NAME : words;
}

static size_t whole_width(const struct table *table, const size_t *widths)
{
    size_t whole = GAP * (table->columns - 1);
    for (size_t column = 0; column < table->columns; column++)
        whole += widths[column];
    return whole;
}

/* Makes the column with the most to give narrower by one. False: none has anything. */
static bool give_way(const struct table *table, enum giving_way way, size_t *widths)
{
    size_t most = 0, giver = 0;
    for (size_t column = 0; column < table->columns; column++) {
        size_t least = narrowest(table, column, way);
        if (widths[column] > least && widths[column] - least > most) {
            most = widths[column] - least;
            giver = column;
        }
    }
    widths[giver] -= most > 0;
    return most > 0;
}

/* The widest line of CELL in a column of WIDTH. */
static size_t widest_line(const char *cell, size_t width)
{
    size_t widest = 0;
    while (*cell) {
        size_t length = line_length(cell, width, true), own = visible_width(cell, length);
        widest = own > widest ? own : widest;
        cell += length;
        cell += strspn(cell, " ");
    }
    return widest;
}

/* No column is wider than its lines. */
static void tighten(const struct table *table, size_t *widths)
{
    for (size_t column = 0; column < table->columns; column++) {
        size_t widest = 0;
        for (size_t row = 0; row < table->rows; row++) {
            size_t own = widest_line(table->cells[row][column], widths[column]);
            widest = own > widest ? own : widest;
        }
        widths[column] = widest;
    }
}

static void choose_widths(const struct table *table, unsigned width, size_t *widths)
{
    for (size_t column = 0; column < table->columns; column++)
        widths[column] = column_width(table, column, 0, false);
    for (enum giving_way way = 0; width > 0 && way < GIVING_WAYS; way++)
        while (whole_width(table, widths) > width && give_way(table, way, widths))
            ;
    tighten(table, widths);
}

/* --- text --------------------------------------------------------------------------------------------------------- */

/* Prints BLANKS and a part of a cell; blanks at a line's end are left out. */
static void print_part(FILE *stream, size_t *blanks, const char *text, size_t length, size_t width, bool right)
{
    size_t pad = width - visible_width(text, length);
    *blanks += right && length > 0 ? pad : 0;
    if (length > 0) {
        print_blanks(stream, *blanks);
        fprintf(stream, "%.*s", (int)length, text);
        *blanks = 0;
    }
    *blanks += right && length > 0 ? 0 : pad;
}

/* One line of a row, and what is left of its cells in REST. False: that was the last. */
static bool print_line(const struct table *table, FILE *stream, const size_t *widths, const char **rest)
{
    size_t blanks = 0;
    bool more = false;
    for (size_t column = 0; column < table->columns; column++) {
        size_t length = line_length(rest[column], widths[column], true);
        print_part(stream, &blanks, rest[column], length, widths[column], table->alignment[column] == 'r');
        blanks += GAP;
        rest[column] += length;
        rest[column] += strspn(rest[column], " ");
        more |= *rest[column] != '\0';
    }
    fputc('\n', stream);
    return more;
}

static void print_text(const struct table *table, FILE *stream, unsigned width)
{
    size_t widths[TABLE_MAX_COLUMNS];
    choose_widths(table, width, widths);
    for (size_t row = 0; row < table->rows; row++) {
        const char *rest[TABLE_MAX_COLUMNS];
        for (size_t column = 0; column < table->columns; column++)
            rest[column] = table->cells[row][column];
        while (print_line(table, stream, widths, rest))
            ;
    }
}

/* --- Markdown and CSV --------------------------------------------------------------------------------------------- */

static void print_markdown_row(FILE *stream, char *const *cells, size_t columns)
{
    for (size_t column = 0; column < columns; column++) {
        fputs("| ", stream);
        for (const char *at = cells[column]; *at; at++)
            fprintf(stream, *at == '|' ? "\\%c" : "%c", *at);
        fputc(' ', stream);
    }
    fputs("|\n", stream);
}

static void print_markdown(const struct table *table, FILE *stream)
{
    for (size_t row = 0; row < table->rows; row++) {
        print_markdown_row(stream, table->cells[row], table->columns);
        if (row > 0)
            continue;
        for (size_t column = 0; column < table->columns; column++)
            fputs(table->alignment[column] == 'r' ? "|---:" : "|:---", stream);
        fputs("|\n", stream);
    }
}

static void print_csv_cell(FILE *stream, const char *cell)
{
    if (!strpbrk(cell, ",\"\n\r")) {
        fputs(cell, stream);
        return;
    }
    fputc('"', stream);
    for (const char *at = cell; *at; at++)
        fprintf(stream, *at == '"' ? "\"%c" : "%c", *at);
    fputc('"', stream);
}

static void print_csv(const struct table *table, FILE *stream)
{
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t column = 0; column < table->columns; column++) {
            if (column > 0)
                fputc(',', stream);
            print_csv_cell(stream, table->cells[row][column]);
        }
        fputc('\n', stream);
    }
}

static void print_html_row(FILE *stream, const struct table *table, size_t row, const char *element)
{
    fputs("<tr>", stream);
    for (size_t column = 0; column < table->columns; column++) {
        fprintf(stream, "<%s%s%s>", element, row == 0 ? " scope=\"col\"" : "",
                table->alignment[column] == 'r' ? " class=\"r\"" : "");
        html_text(stream, table->cells[row][column]);
        fprintf(stream, "</%s>", element);
    }
    fputs("</tr>\n", stream);
}

static void print_html(const struct table *table, FILE *stream)
{
    fputs("<table>\n<thead>", stream);
    print_html_row(stream, table, 0, "th");
    fputs("</thead>\n<tbody>\n", stream);
    for (size_t row = 1; row < table->rows; row++)
        print_html_row(stream, table, row, "td");
    fputs("</tbody>\n</table>\n", stream);
}

void table_print(const struct table *table, FILE *stream, enum output_format format, unsigned width)
{
    if (format == OUTPUT_MARKDOWN)
        print_markdown(table, stream);
    else if (format == OUTPUT_CSV)
        print_csv(table, stream);
    else if (format == OUTPUT_HTML)
        print_html(table, stream);
    else
        print_text(table, stream, width);
}

unsigned table_stream_width(FILE *stream)
{
    struct winsize size;
    if (!isatty(fileno(stream)) || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return PIPED_WIDTH;
    return size.ws_col < NARROWEST_TERMINAL ? NARROWEST_TERMINAL : size.ws_col;
}
