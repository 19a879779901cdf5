/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune symbolize: the call stacks of the library's reports, with functions and lines. A filter: lines that are
 * no frame of a stack pass as they are. */
#include "config.h"

#include "cli/locate/program.h"
#include "cli/options/usage.h"
#include "cli/output/memory.h"
#include "cli/verbs/verbs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* --- who knows lines ---------------------------------------------------------------------------------------------- */

/* "FUNCTION at FILE:LINE", and more such lines for what is inlined there. */
#define WORDS_MOST 8
struct symbolizer {
    const char *name;
    const char *words[WORDS_MOST]; /* NULL-terminated; behind them come the module and the address */
    bool joined;                   /* the module is a word with the last of these */
};

static const struct symbolizer symbolizers[] = {
    {"addr2line", {"-C", "-f", "-p", "-i", "-e", NULL}, false},
    {"llvm-symbolizer", {"--demangle", "--output-style=GNU", "--pretty-print", "--obj=", NULL}, true},
};

struct symbolization {
    const struct symbolizer *symbolizer; /* NULL: none is installed */
    char *program;                       /* owned: its path */
    char *missing;                       /* owned: the module that was missed last; NULL: none was */
};

static void find_symbolizer(struct symbolization *with)
{
    for (size_t i = 0; with->program == NULL && i < sizeof symbolizers / sizeof *symbolizers; i++) {
        with->program = program_find(symbolizers[i].name);
        with->symbolizer = with->program != NULL ? &symbolizers[i] : NULL;
    }
    if (with->program == NULL)
        fputs(
            "hakmem-tune symbolize: neither addr2line (of binutils) nor llvm-symbolizer (of llvm) is installed; lines "
            "of source are left out\n",
            stderr);
}

/* Says once for frames of the same module in a row that there is no such file here. */
static bool is_there(struct symbolization *with, const char *module)
{
    if (access(module, R_OK) == 0)
        return true;
    if (with->missing == NULL || strcmp(with->missing, module) != 0) {
        fprintf(stderr, "hakmem-tune symbolize: %s: %s; its frames stay as they are\n", module, strerror(errno));
        free(with->missing);
        with->missing = must_have(strdup(module));
    }
    return false;
}

/* Starts it with its output in a pipe, of which the end to read is returned; -1 where it cannot be. */
static int start(const struct symbolization *with, const char *module, const char *address, pid_t *child)
{
    const struct symbolizer *by = with->symbolizer;
    const char *arguments[WORDS_MOST + 4] = {by->name};
    size_t count = 1;
    char *joined = NULL;
    for (; by->words[count - 1] != NULL; count++)
        arguments[count] = by->words[count - 1];
    if (by->joined)
        arguments[count - 1] = joined = must_format("%s%s", arguments[count - 1], module);
    else
        arguments[count++] = module;
    arguments[count] = address;
    int ends[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        free(joined);
        return -1;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int failure = posix_spawn(child, with->program, &actions, NULL, (char *const *)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    free(joined);
    if (failure == 0)
        return ends[0];
    close(ends[0]);
    return -1;
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

/* "    #3 /lib/library.so+0x1234 (function)" */
struct frame {
    int prefix;       /* bytes up to the module */
    char *module;     /* in the line, which it ends */
    char address[24]; /* with its 0x */
};

/* Takes LINE apart, which it changes where it is a frame. */
static bool take_apart(char *line, struct frame *frame)
{
    unsigned number;
    int prefix = 0;
    if (sscanf(line, " #%u %n", &number, &prefix) != 1 || prefix == 0 || line[prefix] != '/')
        return false;
    char *plus = strstr(line + prefix, "+0x"), *next;
    while (plus != NULL && (next = strstr(plus + 1, "+0x")) != NULL)
        plus = next;
    size_t digits = plus != NULL ? strspn(plus + 3, "0123456789abcdef") : 0;
    if (digits == 0 || digits > 16 || !(plus[3 + digits] == '\0' || isspace((unsigned char)plus[3 + digits])))
        return false;
    memcpy(frame->address, plus + 1, digits + 2);
    frame->address[digits + 2] = '\0';
    frame->prefix = prefix;
    frame->module = line + prefix;
    *plus = '\0';
    return true;
}

/* Prints what the symbolizer says of FRAME, whose line began with START; false where it says nothing. */
static bool print_lines(struct symbolization *with, const struct frame *frame, const char *start_of_line)
{
    pid_t child;
    int output = start(with, frame->module, frame->address, &child), status;
    FILE *stream = output >= 0 ? fdopen(output, "r") : NULL;
    char *line = NULL;
    size_t room = 0;
    bool known = false;
    while (stream != NULL && getline(&line, &room, stream) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0' || (!known && line[0] == '?'))
            continue;
        if (!known)
            printf("%.*s%s (%s+%s)\n", frame->prefix, start_of_line, line, frame->module, frame->address);
        else
            printf("%*s%s\n", frame->prefix, "", line + (line[0] == ' '));
        known = true;
    }
    free(line);
    if (stream != NULL) {
        fclose(stream);
        waitpid(child, &status, 0);
    }
    return known;
}

static void symbolize_line(struct symbolization *with, const char *line)
{
    struct frame frame;
    char *parts = must_have(strdup(line));
    bool known = take_apart(parts, &frame) && with->symbolizer != NULL && is_there(with, frame.module) &&
                 print_lines(with, &frame, line);
    if (!known)
        fputs(line, stdout);
    free(parts);
}

static int symbolize(FILE *stream)
{
    struct symbolization with = {NULL, NULL, NULL};
    char *line = NULL;
    size_t room = 0;
    find_symbolizer(&with);
    while (getline(&line, &room, stream) > 0) {
        symbolize_line(&with, line);
        fflush(stdout); /* it may be a program's that runs */
    }
    free(line);
    free(with.program);
    free(with.missing);
    return ferror(stream) ? 1 : 0;
}

int verb_symbolize(const struct options *options)
{
    if (options->argument_count > 1)
        return usage_error(VERB_SYMBOLIZE, "expected one file, not %zu", options->argument_count);
    const char *path = options->argument_count == 1 ? options->arguments[0] : "-";
    if (strcmp(path, "-") == 0)
        return symbolize(stdin);
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return usage_failure(VERB_SYMBOLIZE, 1, "%s: %s", path, strerror(errno));
    int status = symbolize(stream);
    fclose(stream);
    return status;
}
