/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See allocator_ask.h. */
#include "config.h"

#include "cli/subject/allocator_ask.h"

#include "cli/output/memory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A program that does nothing takes milliseconds; after so many seconds it is ended. */
#define LONGEST_SECONDS 10

/* A text that grows; always ends with a NUL. */
struct answer {
    char *text;
    size_t length;
};

static void append(struct answer *answer, const char *bytes, size_t count)
{
    answer->text = must_have(realloc(answer->text, answer->length + count + 1));
    memcpy(answer->text + answer->length, bytes, count);
    answer->length += count;
    answer->text[answer->length] = '\0';
}

static void append_all(struct answer *answer, int fd)
{
    char buffer[4096];
    ssize_t got;
    while ((got = read(fd, buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR))
        append(answer, buffer, got > 0 ? (size_t)got : 0);
}

/* --- a program with the allocator --------------------------------------------------------------------------------- */

/* The first object that is listed is this program, whose header names its loader. */
static int take_loader(struct dl_phdr_info *info, size_t size, void *result)
{
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_INTERP)
            *(const char **)result = (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    }
    return 1;
}

static const char *program_of(const struct allocator_question *question)
{
    const char *loader = NULL;
    if (!question->by_loader)
        return "true";
    dl_iterate_phdr(take_loader, &loader);
    return loader ? loader : "true"; /* a static program has none: nothing is shown */
}

static _Noreturn void run_child(const struct allocator_question *question, const char *library,
                                const struct launch_environment *environment, int output)
{
    const char *program = program_of(question);
    char *const argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)question->argument, NULL};
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    for (size_t i = 0; i < environment->count; i++) {
        if (strchr(environment->list[i], '='))
            putenv(environment->list[i]);
        else
            unsetenv(environment->list[i]);
    }
    if (library)
        setenv("LD_PRELOAD", library, 1);
    else
        unsetenv("LD_PRELOAD");
    alarm(LONGEST_SECONDS);
    execvp(program, argv);
    _exit(127);
}

/* Appends what the program of QUESTION prints that has LIBRARY and the settings in VALUES. */
static void run(const struct allocator *allocator, const struct allocator_question *question, const char *library,
                const struct subject_values *values, struct answer *answer)
{
    struct launch_environment environment = {.count = 0};
    int ends[2];
    append(answer, "", 0);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    allocator_set_all(allocator, values, question->key, question->value, &environment);
    pid_t pid = fork();
    if (pid == 0)
        run_child(question, library, &environment, ends[1]);
    close(ends[1]);
    append_all(answer, ends[0]);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    launch_clear(&environment);
}

static void ask(const struct allocator *allocator, const struct allocator_question *question, const char *library,
                const struct subject_values *values, struct answer *answer)
{
    append(answer, "", 0);
    if (question->in_name && library) {
        append(answer, library, strlen(library));
    } else if (question->in_library && library) {
        int fd = open(library, O_RDONLY | O_CLOEXEC);
        append_all(answer, fd);
        if (fd >= 0)
            close(fd);
    } else {
        run(allocator, question, library, values, answer);
    }
}

static bool contains(const struct answer *answer, const char *text)
{
    return memmem(answer->text, answer->length, text, strlen(text)) != NULL;
}

/* --- version ------------------------------------------------------------------------------------------------------ */

void allocator_ask_version(const struct allocator *allocator, const char *library, char version[ALLOCATOR_VERSION_SIZE])
{
    const struct allocator_question *question = &allocator->version;
    struct answer answer = {NULL, 0};
    version[0] = '\0';
    if (!question->is_asked)
        return;
    ask(allocator, question, library, NULL, &answer);
    const char *found = memmem(answer.text, answer.length, question->after, strlen(question->after));
    if (found) {
        found += strlen(question->after);
        size_t length = strspn(found, "0123456789.");
        while (length > 0 && found[length - 1] == '.')
            length--;
        snprintf(version, ALLOCATOR_VERSION_SIZE, "%.*s", (int)length, found);
    }
    free(answer.text);
}

/* --- what was taken ----------------------------------------------------------------------------------------------- */

/* One that is not the default, so that a setting which is not read shows. */
static uint64_t other_value(const struct hak_parameter *row)
{
    return row->minimum != row->standard ? row->minimum : row->maximum;
}

/* Writes PATTERN with what stands for the setting of row INDEX and VALUE filled in. */
static void fill_in(const struct allocator *allocator, size_t index, uint64_t value, const char *pattern, char *text,
                    size_t size)
{
    char written[128], variable[128], hex[32];
    allocator_value(allocator, index, value, written, sizeof written);
    snprintf(hex, sizeof hex, "0x%llx", strtoull(written, NULL, 10));
    const struct {
        const char *name, *text;
    } words[] = {{"{name}", allocator->rows[index].key},
                 {"{variable}", allocator_variable(allocator, index, variable, sizeof variable)},
                 {"{value}", written},
                 {"{hex}", hex}};
    size_t used = 0;
    while (*pattern && used + 1 < size) {
        size_t word = 0;
        while (word < 4 && strncmp(pattern, words[word].name, strlen(words[word].name)) != 0)
            word++;
        used += (size_t)snprintf(text + used, size - used, "%.*s", word < 4 ? (int)strlen(words[word].text) : 1,
                                 word < 4 ? words[word].text : pattern);
        pattern += word < 4 ? strlen(words[word].name) : 1;
    }
    text[used < size ? used : size - 1] = '\0';
}

static bool is_shown(const struct allocator *allocator, size_t index, uint64_t value, const struct answer *answer)
{
    char text[512] = "";
    for (size_t i = 0; allocator->confirm.shows[i]; i++) {
        fill_in(allocator, index, value, allocator->confirm.shows[i], text, sizeof text);
        if (contains(answer, text))
            return true;
    }
    return false;
}

/* What ANSWER says where it names KEY last; empty if it does not. */
static void quote(const struct answer *answer, const char *key, char *text, size_t size)
{
    const char *last = NULL, *rest = answer->text;
    text[0] = '\0';
    while ((rest = strstr(rest, key)))
        last = rest++;
    if (!last)
        return;
    while (last > answer->text && last[-1] != '\n')
        last--;
    snprintf(text, size, ": it says \"%.*s\"", (int)strcspn(last, "\n"), last);
}

static bool refuse(const struct allocator *allocator, size_t index, uint64_t value, const struct answer *answer,
                   const char *who, char *message, size_t size)
{
    char variable[128], written[128], said[256] = "";
    const char *key = allocator->rows[index].key;
    if (!allocator->confirm.in_library)
        quote(answer, key, said, sizeof said);
    allocator_variable(allocator, index, variable, sizeof variable);
    snprintf(message, size, "%s does not take %s%s%s = %s, which %s names%s", who, variable,
             allocator->variable ? ": " : "", allocator->variable ? key : "",
             allocator_value(allocator, index, value, written, sizeof written), allocator->tree.path, said);
    return false;
}

bool allocator_confirm(const struct allocator *allocator, const char *library, const char *version, char *message,
                       size_t size)
{
    const struct allocator_question *question = &allocator->confirm;
    struct subject_values values;
    struct answer answer = {NULL, 0};
    char who[512];
    bool good = true;
    if (!question->is_asked || (question->since && (!version[0] || allocator_is_before(version, question->since))))
        return true;
    for (size_t i = 0; i < allocator->count; i++)
        values.value[i] = allocator->rows[i].searched ? other_value(&allocator->rows[i]) : allocator->rows[i].standard;
    ask(allocator, question, library, &values, &answer);
    snprintf(who, sizeof who, "%s %s%s%s%s", allocator->name, version, library ? " (" : "", library ? library : "",
             library ? ")" : "");
    for (size_t i = 0; good && i < allocator->count; i++) {
        good = !allocator->rows[i].searched || is_shown(allocator, i, values.value[i], &answer) ||
               refuse(allocator, i, values.value[i], &answer, who, message, size);
    }
    free(answer.text);
    return good;
}
