/* SPDX-License-Identifier: MIT */
/* Texts of a command line: command lines that are split into words, sizes and delays, and the parts of a workload. What
 * has a number in a unit is written again and read as the same number. */
#include "config.h"

#include "cli/workload/words.h"

#include "cli/workload/parse.h"
#include "lib/base/units.h"
#include "lib/profile/text.h"
#include "tests/fuzz/target.h"

#include <pthread.h>
#include <signal.h>

static void check_units(const char *text)
{
    static const struct {
        enum hak_units_status (*parse)(const char *text, uint64_t *value);
        const char *(*format)(uint64_t value, char *text, size_t size);
    } units[] = {{hak_units_parse_integer, hak_units_format_integer},
                 {hak_units_parse_size, hak_units_format_size},
                 {hak_units_parse_percent, hak_units_format_percent},
                 {hak_units_parse_delay, hak_units_format_delay}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        char again[HAK_UNITS_TEXT];
        uint64_t value, other;
        if (units[i].parse(text, &value) != HAK_UNITS_OK)
            continue;
        units[i].format(value, again, sizeof again);
        FUZZ_EXPECT(units[i].parse(again, &other) == HAK_UNITS_OK && other == value);
    }
}

static void check_words(const char *text)
{
    const struct words_place places[] = {{NULL, 0}, {"/tmp/place", 65535}};
    for (size_t i = 0; i < 2; i++) {
        struct words words = {.list = NULL};
        if (words_split(&words, text, &places[i]) == 0) {
            FUZZ_EXPECT(words.count > 0 && words.list[words.count] == NULL);
            FUZZ_EXPECT(!words.in_shell || (words.count == 3 && strcmp(words.list[0], "/bin/sh") == 0));
        }
        words_release(&words);
        char *filled = words_fill(text, &places[i]);
        FUZZ_EXPECT(filled && (i > 0 || strcmp(filled, text) == 0));
        free(filled);
    }
}

#ifdef FUZZ_ENGINE
void __sanitizer_set_death_callback(void (*callback)(void));

static void end_by_kill(void)
{
    kill(getpid(), SIGKILL);
}

/* A child that compiles an expression (cli/metric/expression) may reach its limits. AddressSanitizer ends it then, or
 * the kernel, and the engine, which is told of either, must not take that for a finding. */
static void forget_engine(void)
{
    __sanitizer_set_death_callback(end_by_kill);
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
}

int LLVMFuzzerInitialize(int *count, char ***arguments);

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    return pthread_atfork(NULL, NULL, forget_engine);
}
#endif

static void check_parts(const char *text)
{
    struct workload work = {.workload = NULL};
    int number = 0;
    parse_ready(text, &work.ready);
    parse_statuses(text, &work.ok);
    parse_assignment(text, &work);
    if (parse_signal(text, &number) == NULL)
        FUZZ_EXPECT(number > 0);
}

static void check_excerpts(const char *text)
{
    char shown[HAK_TEXT_EXCERPT];
    hak_text_excerpt(text, shown, sizeof shown);
    FUZZ_EXPECT(!text[0] || fuzz_is_line(shown));
    hak_text_excerpt_end(text, shown, sizeof shown);
    FUZZ_EXPECT(!text[0] || fuzz_is_line(shown));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    FUZZ_EXPECT(text);
    memcpy(text, data, size);
    text[size] = '\0';
    check_units(text);
    check_words(text);
    check_parts(text);
    check_excerpts(text);
    free(text);
    return 0;
}
