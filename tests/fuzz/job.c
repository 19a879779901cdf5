/* SPDX-License-Identifier: MIT */
/* A job file, for tune and for compare: what is taken is the same job when it has been printed and read again, and
 * makes a workload that can be named and described. Nothing is run. */
#include "config.h"

#include "cli/options/job_print.h"
#include "cli/options/parse.h"
#include "cli/verbs/workload_options.h"
#include "cli/workload/words.h"
#include "tests/fuzz/target.h"

static bool parse(enum verb verb, const struct fuzz_file *file, struct options *options)
{
    char *words[] = {(char *)"verb", (char *)"--job", (char *)(uintptr_t)file->path, NULL};
    return options_parse(verb, words, options) == 0;
}

/* OPTIONS as a job; NULL where a text cannot stand in one. */
static char *printed(enum verb verb, const struct options *options, size_t *size)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, size);
    FUZZ_EXPECT(stream);
    int status = job_print(stream, verb, options);
    fclose(stream);
    if (status == 0)
        return text;
    free(text);
    return NULL;
}

static void check_printed(enum verb verb, const struct options *options)
{
    struct options again;
    size_t size, size_again;
    bool says_what = options->command || options->workload || options->server; /* else there may be nothing to print */
    char *text = says_what ? printed(verb, options, &size) : NULL;
    if (!text)
        return;
    struct fuzz_file file = fuzz_file_open(text, size);
    FUZZ_EXPECT(parse(verb, &file, &again));
    char *text_again = printed(verb, &again, &size_again);
    FUZZ_EXPECT(text_again && size == size_again && memcmp(text, text_again, size) == 0);
    options_clear(&again);
    fuzz_file_close(&file);
    free(text_again);
    free(text);
}

static void check_work(enum verb verb, const struct options *options)
{
    const struct words_place place = {"/tmp/place", 1234};
    struct workload work;
    char name[64], description[512];
    if (workload_options_apply(verb, options, &work) != 0)
        return;
    workload_name(&work, name, sizeof name);
    FUZZ_EXPECT(strlen(name) < sizeof name);
    if (!work.server && !work.command)
        return;
    struct words words = {.list = NULL};
    workload_kind(&work)->describe(&work, description, sizeof description);
    FUZZ_EXPECT(strlen(description) < sizeof description);
    workload_kind(&work)->words(&work, &place, 1, &words);
    words_release(&words);
}

static void check_verb(enum verb verb, const struct fuzz_file *file)
{
    struct options options;
    if (!parse(verb, file, &options))
        return;
    check_printed(verb, &options);
    check_work(verb, &options);
    options_clear(&options);
}

/* What is said of the job on the way is text for a terminal. */
static void run(enum verb verb, const struct fuzz_file *file)
{
    char *said = NULL;
    size_t size;
    FILE *standard_error = stderr, *stream = open_memstream(&said, &size);
    FUZZ_EXPECT(stream);
    stderr = stream;
    check_verb(verb, file);
    stderr = standard_error;
    fclose(stream);
    FUZZ_EXPECT(fuzz_is_text(said));
    free(said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file file = fuzz_file_open(data, size);
    run(VERB_TUNE, &file);
    run(VERB_COMPARE, &file);
    fuzz_file_close(&file);
    return 0;
}
