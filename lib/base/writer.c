/* SPDX-License-Identifier: MIT */
#include "lib/base/writer.h"

struct writer writer_start(char *text, size_t size)
{
    if (size != 0)
        text[0] = '\0';
    return (struct writer){.text = text, .size = size};
}

void writer_add_character(struct writer *writer, char character)
{
    if (writer->length + 1 < writer->size) {
        writer->text[writer->length] = character;
        writer->text[writer->length + 1] = '\0';
    }
    writer->length++;
}

void writer_add(struct writer *writer, const char *text)
{
    while (*text != '\0')
        writer_add_character(writer, *text++);
}

#define DIGITS_MOST 20 /* of a uint64_t */

void writer_add_digits(struct writer *writer, uint64_t number, unsigned digits)
{
    char reversed[DIGITS_MOST];
    unsigned length = 0;
    do {
        reversed[length++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    for (; digits > length; digits--)
        writer_add_character(writer, '0');
    while (length > 0)
        writer_add_character(writer, reversed[--length]);
}

void writer_add_number(struct writer *writer, uint64_t number)
{
    writer_add_digits(writer, number, 1);
}

void writer_add_decimal(struct writer *writer, double value, unsigned decimals)
{
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals; i++)
        scale *= 10;
    uint64_t scaled = (uint64_t)(value * (double)scale + 0.5);
    writer_add_number(writer, scaled / scale);
    if (decimals == 0)
        return;
    writer_add_character(writer, '.');
    writer_add_digits(writer, scaled % scale, decimals);
}

void writer_add_size(struct writer *writer, uint64_t bytes)
{
    static const char units[][5] = {" B", " KiB", " MiB", " GiB", " TiB"};
    unsigned unit = 0;
    double value = (double)bytes;
    for (; value >= 1023.95 && unit + 1 < sizeof units / sizeof units[0]; unit++) /* what would be written as 1024.0 */
        value /= 1024;
    writer_add_decimal(writer, value, unit == 0 ? 0 : 1);
    writer_add(writer, units[unit]);
}

size_t writer_kept(const struct writer *writer)
{
    return writer->size == 0 ? 0 : size_minimum(writer->length, writer->size - 1);
}

void writer_add_hexadecimal(struct writer *writer, uint64_t number)
{
    unsigned digits = 1;
    while (digits < 16 && number >> 4 * digits != 0)
        digits++;
    writer_add(writer, "0x");
    while (digits-- > 0)
        writer_add_character(writer, "0123456789abcdef"[number >> 4 * digits & 0xf]);
}

#define DELETE 0x7f
#define C1_LEAD 0xc2 /* of the further control characters in UTF-8, whose second byte is below C1_END */
#define C1_END 0xa0

void writer_show_controls(char *text, size_t length, char shown)
{
    unsigned char before = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < ' ' || byte == DELETE || (before == C1_LEAD && byte < C1_END))
            text[i] = shown;
        before = byte;
    }
}
