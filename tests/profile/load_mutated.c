/* SPDX-License-Identifier: MIT */
/* Truncated and damaged profiles: never a crash, never a half-written profile, always either a profile that passes its
 * checks or one line. The damage is the same in every run; run it under a sanitizer or valgrind to see reads out of
 * bounds. */
#include "config.h"

#include "lib/profile/load.h"
#include "tests/profile/cmocka_all.h"
#include "tests/profile/random.h"

#define MUTANTS 5000
#define TEXT_SIZE 4096

static const char seed_text[] =
    "# A profile with everything.\n"
    "profile_version: 1\nname: 'it''s \"one\"'\n"
    "superslab: {size: 2MiB, keep_empty: 1}\n"
    "pages:\n  slab_page: 64KiB\n  huge: madvise\n  prefault: none\n"
    "size_classes:\n  sizes: [16, 32, 48, 64, 128, 256, 512, 1024,\n    2048, 4096, 32768]\n"
    "heap: {shared: long}\nthread_cache: {max_objects: 256, max_bytes: 64KiB, refill: 50%, drain_threshold: 100%}\n"
    "remote_free: {drain_threshold: 256}\nlarge: {cache: 32MiB}\npurge: {delay: 100ms, policy: free}\n"
    "security: {checks: fast, randomize: false}\n";

/* Pieces that mean something to YAML or to the schema. */
static const char *const pieces[] = {"{",
                                     "}",
                                     "[",
                                     "]",
                                     ":",
                                     ": ",
                                     ",",
                                     "\n",
                                     "\n  ",
                                     "- ",
                                     "? ",
                                     "&a ",
                                     "*a",
                                     "!!x ",
                                     "|\n",
                                     ">\n",
                                     "'",
                                     "\"",
                                     "\\",
                                     "#",
                                     "---\n",
                                     "...\n",
                                     "%YAML 9\n",
                                     "\t",
                                     "\xff",
                                     "\xc3",
                                     "\xe2\x80\xa8",
                                     "\r",
                                     "<<",
                                     "~",
                                     "0",
                                     "99999999999999999999",
                                     "size",
                                     "sizes",
                                     "purge"};

static void load_one(const char *text, size_t length)
{
    struct hak_profile profile, before;
    char message[HAK_PROFILE_MESSAGE_SIZE] = "", reason[HAK_PROFILE_MESSAGE_SIZE] = "";
    memset(&before, 0x5a, sizeof before);
    profile = before;
    char *exact = malloc(length ? length : 1); /* of its own size, so that a read beyond it is seen */
    assert_non_null(exact);
    memcpy(exact, text, length);
    if (hak_profile_load_text(&profile, "m.yaml", exact, length, message, sizeof message)) {
        if (!hak_profile_check(&profile, reason, sizeof reason))
            fail_msg("taken, but: %s\n%.*s", reason, (int)length, text);
    } else {
        assert_memory_equal(&profile, &before, sizeof before);
        assert_int_equal(strncmp(message, "m.yaml:", 7), 0);
        assert_null(strchr(message, '\n'));
        assert_true(strlen(message) > 12);
    }
    free(exact);
}

static void truncated(void **state)
{
    (void)state;
    for (size_t length = 0; length < sizeof seed_text; length++)
        load_one(seed_text, length);
}

static size_t replace(char *text, size_t length, size_t at, size_t removed, const char *piece, size_t piece_length)
{
    removed = removed < length - at ? removed : length - at;
    if (length - removed + piece_length > TEXT_SIZE)
        return length;
    memmove(text + at + piece_length, text + at + removed, length - at - removed);
    memcpy(text + at, piece, piece_length);
    return length - removed + piece_length;
}

static size_t damage(char *text, size_t length, uint64_t *random)
{
    size_t at = random_below(random, length + 1);
    const char *piece = pieces[random_below(random, sizeof pieces / sizeof pieces[0])];
    char byte = (char)random_next(random);
    char copy[64];
    size_t copied = random_below(random, sizeof copy), from = random_below(random, length);
    copied = copied < length - from ? copied : length - from;
    memcpy(copy, text + from, copied);
    switch (random_below(random, 4)) {
    case 0:
        return replace(text, length, at, random_below(random, 3), piece, strlen(piece));
    case 1:
        return replace(text, length, at, 1, &byte, 1);
    case 2:
        return replace(text, length, at, random_below(random, 40), piece, 0);
    default:
        return replace(text, length, at, 0, copy, copied);
    }
}

static void mutated(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int i = 0; i < MUTANTS; i++) {
        char text[TEXT_SIZE];
        size_t length = sizeof seed_text - 1;
        memcpy(text, seed_text, length);
        for (uint64_t times = 1 + random_below(&random, 6); times > 0 && length > 0; times--)
            length = damage(text, length, &random);
        load_one(text, length);
    }
}

static void noise(void **state)
{
    (void)state;
    uint64_t random = 2;
    for (int i = 0; i < MUTANTS / 5; i++) {
        char text[256];
        size_t length = random_below(&random, sizeof text);
        for (size_t k = 0; k < length; k++)
            text[k] = (char)(i % 2 ? random_next(&random) : ' ' + random_below(&random, 95));
        load_one(text, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(truncated), cmocka_unit_test(mutated), cmocka_unit_test(noise)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
