/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See params_print.h. */
#include "cli/verbs/params_print.h"

#include "cli/output/json.h"
#include "cli/output/table.h"
#include "lib/profile/class_sizes.h"
#include "lib/profile/schema.h"

#include <inttypes.h>
#include <string.h>

/* What is printed: rows, and what only those of another allocator have. */
struct settings {
    const struct hak_parameter *rows;
    size_t count;
    const struct allocator_setting *more; /* NULL: there is no more */
};

static bool is_scalar(const struct hak_parameter *parameter)
{
    return parameter->type != HAK_TYPE_NAME && parameter->type != HAK_TYPE_SIZE_LIST;
}

static const char *type_name(enum hak_parameter_type type)
{
    static const char *const names[] = {
        [HAK_TYPE_INTEGER] = "number", [HAK_TYPE_SIZE] = "size",       [HAK_TYPE_PERCENT] = "percent",
        [HAK_TYPE_DELAY] = "delay",    [HAK_TYPE_CHOICE] = "choice",   [HAK_TYPE_SWITCH] = "switch",
        [HAK_TYPE_NAME] = "text",      [HAK_TYPE_SIZE_LIST] = "sizes", [HAK_TYPE_SHARE] = "share",
    };
    return names[type];
}

static const char *scale_name(enum hak_parameter_scale scale)
{
    static const char *const names[] = {
        [HAK_SCALE_LINEAR] = "linear", [HAK_SCALE_LOG] = "log", [HAK_SCALE_CATEGORY] = "category"};
    return names[scale];
}

static void format_choices(const struct hak_parameter *parameter, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; parameter->choices[i]; i++) {
        size_t length = strlen(text);
        snprintf(text + length, size - length, "%s%s", i ? "|" : "", parameter->choices[i]);
    }
}

static void format_range(const struct hak_parameter *parameter, char *text, size_t size)
{
    char low[48], high[48];
    if (parameter->type == HAK_TYPE_CHOICE)
        format_choices(parameter, text, size);
    else if (parameter->type == HAK_TYPE_SWITCH)
        snprintf(text, size, "true|false");
    else if (parameter->type == HAK_TYPE_NAME)
        snprintf(text, size, "up to %d bytes", HAK_PROFILE_NAME_MAX - 1);
    else if (parameter->type == HAK_TYPE_SIZE_LIST)
        snprintf(text, size, "up to %d sizes", HAK_PROFILE_CLASS_LIMIT);
    else
        snprintf(text, size, "%s to %s%s", hak_parameter_format(parameter, parameter->minimum, low, sizeof low),
                 hak_parameter_format(parameter, parameter->maximum, high, sizeof high),
                 parameter->power_of_two ? ", a power of two" : "");
}

static const char *format_standard(const struct hak_parameter *parameter, char *text, size_t size)
{
    if (!is_scalar(parameter))
        return "-";
    return hak_parameter_format(parameter, parameter->standard, text, size);
}

/* "5.0 to 5.2", "from 5.0 on", "all" */
static const char *format_versions(const struct allocator_setting *setting, char *text, size_t size)
{
    if (setting->since && setting->until)
        snprintf(text, size, "%s to %s", setting->since, setting->until);
    else if (setting->since)
        snprintf(text, size, "from %s on", setting->since);
    else if (setting->until)
        snprintf(text, size, "up to %s", setting->until);
    else
        snprintf(text, size, "all");
    return text;
}

static void print_table(FILE *stream, enum output_format format, const struct settings *settings)
{
    static const char *const columns[] = {"Key", "Type", "Range", "Default", "Searched", "What it does", NULL};
    static const char *const more_columns[] = {"Key",      "Type",         "Range",  "Default", "Searched",
                                               "Versions", "What it does", "Source", NULL};
    struct table *table = settings->more ? table_new(more_columns, "llllllll") : table_new(columns, "llllll");
    for (size_t i = 0; i < settings->count; i++) {
        const struct hak_parameter *row = &settings->rows[i];
        char range[256], standard[48], versions[64];
        format_range(row, range, sizeof range);
        const char *scale = row->searched ? scale_name(row->scale) : "no", *type = type_name(row->type);
        if (settings->more)
            table_add(table,
                      (const char *const[]){row->key, type, range, format_standard(row, standard, sizeof standard),
                                            scale, format_versions(&settings->more[i], versions, sizeof versions),
                                            row->what, settings->more[i].source});
        else
            table_add(table, (const char *const[]){row->key, type, range,
                                                   format_standard(row, standard, sizeof standard), scale, row->what});
    }
    table_print(table, stream, format, table_stream_width(stream));
    table_free(table);
}

/* A block for each parameter: a table with a column of sentences fits no terminal. */
static void print_text(FILE *stream, const struct settings *settings)
{
    unsigned width = table_stream_width(stream);
    for (size_t i = 0; i < settings->count; i++) {
        const struct hak_parameter *parameter = &settings->rows[i];
        char range[256], standard[48], line[512], versions[64];
        format_range(parameter, range, sizeof range);
        fprintf(stream, "%s%s\n", i ? "\n" : "", parameter->key);
        snprintf(line, sizeof line, "%s%s%s, %s; default %s; %s%s", type_name(parameter->type),
                 parameter->unit[0] ? " in " : "", parameter->unit, range,
                 format_standard(parameter, standard, sizeof standard),
                 parameter->searched ? "searched, scale " : "not searched",
                 parameter->searched ? scale_name(parameter->scale) : "");
        table_print_paragraph(stream, line, 4, width);
        table_print_paragraph(stream, parameter->what, 4, width);
        if (!settings->more)
            continue;
        snprintf(line, sizeof line, "Versions: %s. Source: %s",
                 format_versions(&settings->more[i], versions, sizeof versions), settings->more[i].source);
        table_print_paragraph(stream, line, 4, width);
    }
}

static json_t *json_parameter(const struct hak_parameter *parameter)
{
    char standard[48];
    json_t *object = json_pack("{s:s, s:s, s:s}", "key", parameter->key, "type", type_name(parameter->type), "unit",
                               parameter->unit);
    if (is_scalar(parameter)) {
        json_object_set_new(object, "minimum", json_integer((json_int_t)parameter->minimum));
        json_object_set_new(object, "maximum", json_integer((json_int_t)parameter->maximum));
        json_object_set_new(object, "default", json_string(format_standard(parameter, standard, sizeof standard)));
    }
    json_object_set_new(object, "power_of_two", json_boolean(parameter->power_of_two));
    json_object_set_new(object, "searched", json_boolean(parameter->searched));
    json_object_set_new(object, "scale", json_string(scale_name(parameter->scale)));
    if (parameter->type == HAK_TYPE_CHOICE) {
        json_t *choices = json_array();
        for (size_t i = 0; parameter->choices[i]; i++)
            json_array_append_new(choices, json_string(parameter->choices[i]));
        json_object_set_new(object, "choices", choices);
    }
    json_object_set_new(object, "what", json_string(parameter->what));
    return object;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_text(text) : json_null();
}

static void print_json(FILE *stream, const struct settings *settings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < settings->count; i++) {
        json_t *object = json_parameter(&settings->rows[i]);
        if (settings->more) {
            json_object_set_new(object, "since", text_or_null(settings->more[i].since));
            json_object_set_new(object, "until", text_or_null(settings->more[i].until));
            json_object_set_new(object, "source", json_text(settings->more[i].source));
        }
        json_array_append_new(list, object);
    }
    output_json(stream, list);
}

/* roff takes a leading dot or apostrophe and every backslash for its own; a bare minus is a hyphen to it. */
static void print_roff(FILE *stream, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stream);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", stream);
        else if (*text == '-')
            fputs("\\-", stream);
        else
            fputc(*text, stream);
    }
}

static void print_man(FILE *stream, const struct settings *settings)
{
    for (size_t i = 0; i < settings->count; i++) {
        const struct hak_parameter *parameter = &settings->rows[i];
        char range[256], standard[48];
        format_range(parameter, range, sizeof range);
        fputs(".TP\n.B ", stream);
        print_roff(stream, parameter->key);
        fprintf(stream, "\n%s%s%s, ", type_name(parameter->type), parameter->unit[0] ? " in " : "", parameter->unit);
        print_roff(stream, range);
        fputs("; default ", stream);
        print_roff(stream, format_standard(parameter, standard, sizeof standard));
        fprintf(stream, "; %s%s.\n", parameter->searched ? "searched, scale " : "not searched",
                parameter->searched ? scale_name(parameter->scale) : "");
        print_roff(stream, parameter->what);
        fputc('\n', stream);
    }
}

void params_print(FILE *stream, enum output_format format, const struct allocator *allocator)
{
    struct settings settings = {hak_parameters, hak_parameter_count, NULL};
    if (allocator)
        settings = (struct settings){allocator->rows, allocator->count, allocator->settings};
    if (format == OUTPUT_TEXT)
        print_text(stream, &settings);
    else if (format == OUTPUT_JSON)
        print_json(stream, &settings);
    else if (format == OUTPUT_MAN)
        print_man(stream, &settings);
    else
        print_table(stream, format, &settings);
}
