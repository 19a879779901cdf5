/* SPDX-License-Identifier: MIT */
#include "lib/observe/stats_request.h"

#include "lib/base/process.h"

#include <signal.h>
#include <string.h>

/* --- HAKMEM_STATS ------------------------------------------------------------------------------------------------- */

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
    if (file[0] != '/' && directory != NULL) {
        writer_add(&path, directory);
        writer_add(&path, "/");
    }
    writer_add(&path, file);
    if (path.length >= sizeof request->path)
        return complain(message, "the name ", file, "is too long");
    for (const char *percent = strchr(file, '%'); percent != NULL; percent = strchr(percent + 2, '%'))
        if (percent[1] == '\0' || strchr("pnt%", percent[1]) == NULL)
            return complain(message, "in ", file, "a % is followed by none of p (pid), n (program), t (time) and %");
    return true;
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

/* A program may be called anything. */
static void add_program(struct writer *writer, const char *program)
{
    for (; *program != '\0'; program++)
        writer_add_character(writer, *program == '/' || (unsigned char)*program < ' ' ? '_' : *program);
}

void stats_request_expand(struct writer *writer, const char *path, const struct stats_names *names)
{
    for (; *path != '\0'; path++) {
        if (path[0] != '%') {
            writer_add_character(writer, *path);
            continue;
        }
        path++;
        if (*path == 'p')
            writer_add_number(writer, names->pid);
        else if (*path == 'n')
            add_program(writer, names->program);
        else if (*path == 't')
            process_add_time(writer, names->seconds, true);
        else
            writer_add_character(writer, '%');
    }
}

bool stats_request_is_own_file(const char *path)
{
    for (; *path != '\0'; path++) {
        if (path[0] == '%' && path[1] == 'p')
            return true;
        path += path[0] == '%';
    }
    return false;
}

/* --- HAKMEM_STATS_SIGNAL ------------------------------------------------------------------------------------------ */

/* Those that come from outside and mean nothing to the program itself, unless it has a handler of its own. */
static const struct {
    char name[8];
    int number;
} signals[] = {{"USR2", SIGUSR2}, {"USR1", SIGUSR1}, {"HUP", SIGHUP},     {"URG", SIGURG},
               {"IO", SIGIO},     {"PWR", SIGPWR},   {"WINCH", SIGWINCH}, {"QUIT", SIGQUIT}};

static int number_of(const char *text)
{
    int number = 0;
    for (; *text >= '0' && *text <= '9' && number < 1000; text++)
        number = 10 * number + (*text - '0');
    return *text == '\0' ? number : 0;
}

static bool is_taken(int number)
{
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (signals[i].number == number)
            return true;
    return number >= SIGRTMIN && number <= SIGRTMAX;
}

int stats_request_signal(const char *text, struct writer *message)
{
    const char *name = strncmp(text, "SIG", 3) == 0 ? text + 3 : text;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (strcmp(signals[i].name, name) == 0)
            return signals[i].number;
    int number = number_of(text);
    if (is_taken(number))
        return number;
    complain(message, "", text,
             "is none of USR1, USR2, HUP, IO, PWR, QUIT, URG, WINCH and their numbers, nor one of a real-time signal");
    return 0;
}
