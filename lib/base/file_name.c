/* SPDX-License-Identifier: MIT */
#include "lib/base/file_name.h"

#include "lib/base/process.h"

#include <string.h>

bool file_name_is_good(const char *pattern)
{
    for (const char *percent = strchr(pattern, '%'); percent != NULL; percent = strchr(percent + 2, '%'))
        if (percent[1] == '\0' || strchr("pnti%", percent[1]) == NULL)
            return false;
    return true;
}

/* A program may be called anything. */
static void add_program(struct writer *writer, const char *program)
{
    for (; *program != '\0'; program++)
        writer_add_character(writer, *program == '/' || (unsigned char)*program < ' ' ? '_' : *program);
}

static void add_meaning(struct writer *writer, char letter, const struct file_names *names)
{
    if (letter == 'p')
        writer_add_number(writer, names->pid);
    else if (letter == 'n')
        add_program(writer, names->program);
    else if (letter == 't')
        process_add_time(writer, names->seconds, true);
    else if (letter == 'i')
        writer_add_number(writer, names->number);
    else
        writer_add_character(writer, '%');
}

void file_name_expand(struct writer *writer, const char *pattern, const struct file_names *names)
{
    for (; *pattern != '\0'; pattern++)
        if (pattern[0] == '%' && pattern[1] != '\0')
            add_meaning(writer, *++pattern, names);
        else
            writer_add_character(writer, *pattern);
}

bool file_name_has_pid(const char *pattern)
{
    for (; *pattern != '\0'; pattern++) {
        if (pattern[0] == '%' && pattern[1] == 'p')
            return true;
        pattern += pattern[0] == '%';
    }
    return false;
}

/* TEXT as a pattern that stands for it. */
static void add_literally(struct writer *writer, const char *text)
{
    for (; *text != '\0'; text++)
        writer_add(writer, (const char[]){*text, *text == '%' ? '%' : '\0', '\0'});
}

void file_name_absolute(struct writer *writer, const char *file, const char *directory)
{
    if (file[0] != '/' && directory != NULL) {
        add_literally(writer, directory);
        writer_add(writer, "/");
    }
    writer_add(writer, file);
}
