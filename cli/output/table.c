/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See table.h. */
#include "cli/output/table.h"

#include "cli/output/html.h"
#include "cli/output/memory.h"
#include "cli/output/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    GAP = 2,                 /* blanks between columns */
    PIPED_WIDTH = 100,       /* of a line that does not go to a terminal */
    NARROWEST_TERMINAL = 20, /* a smaller size is a window being resized, or a lie */
    NARROWEST_WRAP = 24      /* a last column narrower than this is not wrapped: it would be one word a line */
};

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
    for (size_t column = 0; column < table->columns; column++)
        row[column] = must_have(strdup(cells[column]));
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

static size_t column_width(const struct table *table, size_t column)
{
    size_t width = 0;
    for (size_t row = 0; row < table->rows; row++) {
        const char *cell = table->cells[row][column];
        size_t of_cell = utf8_width(cell, strlen(cell));
        width = of_cell > width ? of_cell : width;
    }
    return width;
}

static void print_blanks(FILE *stream, size_t count)
{
    fprintf(stream, "%*s", (int)count, "");
}

/* How many bytes of TEXT go on a line of WIDTH characters; breaks at blanks where it can. */
static size_t line_length(const char *text, size_t width)
{
    size_t length = strlen(text);
    if (width == 0 || utf8_width(text, length) <= width)
        return length;
    size_t last_blank = 0;
    for (size_t i = 0; i < length && utf8_width(text, i) <= width; i++)
        if (text[i] == ' ')
            last_blank = i;
    return last_blank ? last_blank : length;
}

static void print_wrapped(FILE *stream, const char *text, size_t indent, size_t width)
{
    for (;;) {
        size_t length = line_length(text, width);
        fprintf(stream, "%.*s\n", (int)length, text);
        text += length;
        text += strspn(text, " ");
        if (!*text)
            return;
        print_blanks(stream, indent);
    }
}

void table_print_paragraph(FILE *stream, const char *text, unsigned indent, unsigned width)
{
    print_blanks(stream, indent);
    print_wrapped(stream, text, indent, width > indent + NARROWEST_WRAP ? width - indent : 0);
}

void table_print_entry(FILE *stream, const char *label, const char *text, unsigned indent, unsigned width)
{
    size_t taken = utf8_width(label, strlen(label));
    fputs(label, stream);
    print_blanks(stream, taken < indent ? indent - taken : 1);
    print_wrapped(stream, text, indent, width > indent + NARROWEST_WRAP ? width - indent : 0);
}

static void print_cell(FILE *stream, const char *cell, size_t width, bool right)
{
    size_t pad = width - utf8_width(cell, strlen(cell));
    print_blanks(stream, right ? pad : 0);
    fputs(cell, stream);
    print_blanks(stream, right ? 0 : pad);
}

static void print_text(const struct table *table, FILE *stream, unsigned width)
{
    size_t widths[TABLE_MAX_COLUMNS] = {0}, indent = 0, last = table->columns - 1;
    for (size_t column = 0; column < table->columns; column++)
        widths[column] = column_width(table, column);
    for (size_t column = 0; column < last; column++)
        indent += widths[column] + GAP;
    size_t room = width > indent + NARROWEST_WRAP ? width - indent : 0;
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t column = 0; column < last; column++) {
            print_cell(stream, table->cells[row][column], widths[column], table->alignment[column] == 'r');
            print_blanks(stream, GAP);
        }
        const char *cell = table->cells[row][last];
        if (table->alignment[last] == 'r')
            print_blanks(stream, widths[last] - utf8_width(cell, strlen(cell)));
        print_wrapped(stream, cell, indent, table->alignment[last] == 'r' ? 0 : room);
    }
}

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
