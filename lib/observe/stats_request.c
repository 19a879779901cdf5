/* SPDX-License-Identifier: MIT */
#include "lib/observe/stats_request.h"

#include "lib/base/file_name.h"

#include <string.h>

static const struct {
    char word[8];
    enum stats_form form;
} forms[] = {{"0", STATS_NONE}, {"1", STATS_LINE}, {"all", STATS_TEXT}, {"json", STATS_JSON}};

/* The form that the LENGTH bytes at TEXT name; false if they name none. */
static bool find_form(const char *text, size_t length, enum stats_form *form)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strlen(forms[i].word) == length && memcmp(forms[i].word, text, length) == 0) {
            *form = forms[i].form;
            return true;
        }
    return false;
}

static bool ends_in_json(const char *path)
{
    static const char ending[] = ".json";
    size_t length = strlen(path);
    return length > sizeof ending - 1 && strcmp(path + length - (sizeof ending - 1), ending) == 0;
}

static bool complain(struct writer *message, const char *before, const char *quoted, const char *after)
{
    writer_add(message, before);
    writer_add(message, "\"");
    writer_add(message, quoted);
    writer_add(message, "\" ");
    writer_add(message, after);
    return false;
}

static bool take_path(struct stats_request *request, const char *file, const char *directory, struct writer *message)
{
    struct writer path = writer_start(request->path, sizeof request->path);
    file_name_absolute(&path, file, directory);
    if (path.length >= sizeof request->path)
        return complain(message, "the name ", file, "is too long");
    return file_name_is_good(file) || complain(message, "in ", file, "a % is followed by none of " FILE_NAME_LETTERS);
}

bool stats_request_parse(const char *value, const char *directory, struct stats_request *request,
                         struct writer *message)
{
    size_t word = strcspn(value, ",");
    request->form = STATS_NONE;
    request->path[0] = '\0';
    if (value[0] == '\0')
        return true;
    bool has_form = find_form(value, word, &request->form);
    if (has_form && value[word] == '\0')
        return true;
    const char *file = has_form ? value + word + 1 : value;
    if (file[0] == '\0' || (!has_form && strpbrk(file, "/.%") == NULL))
        return complain(message, "", value, "is neither 1, all or json nor a file (a name with \"/\", \".\" or \"%\")");
    if (!has_form)
        request->form = ends_in_json(file) ? STATS_JSON : STATS_TEXT;
    return take_path(request, file, directory, message);
}
