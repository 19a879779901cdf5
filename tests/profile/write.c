/* SPDX-License-Identifier: MIT */
/* What the writer writes, the loader reads back: random profiles, hostile names and comments. */
#include "config.h"

#include "lib/profile/write.h"

#include "lib/base/units.h"
#include "lib/profile/class_sizes.h"
#include "lib/profile/load.h"
#include "tests/profile/cmocka_all.h"
#include "tests/profile/random.h"

#define PROFILES 2000

/* Writes PROFILE with COMMENTS and reads it back; *TEXT is to be freed. */
static struct hak_profile through_text(const struct hak_profile *profile, const char *const *comments, size_t count,
                                       char **text)
{
    size_t length = 0;
    FILE *stream = open_memstream(text, &length);
    assert_non_null(stream);
    assert_true(hak_profile_write(stream, profile, comments, count));
    fclose(stream);
    struct hak_profile back;
    char message[HAK_PROFILE_MESSAGE_SIZE] = "";
    if (!hak_profile_load_text(&back, "w.yaml", *text, length, message, sizeof message))
        fail_msg("%s\n%s", message, *text);
    return back;
}

static uint64_t random_value(const struct hak_parameter *row, uint64_t *random)
{
    if (!row->power_of_two)
        return row->minimum + random_below(random, row->maximum - row->minimum + 1);
    unsigned doublings = (unsigned)(__builtin_ctzll(row->maximum) - __builtin_ctzll(row->minimum));
    return row->minimum << random_below(random, doublings + 1);
}

/* Some of the multiples of 16, all the powers of two, and the end. */
static void random_class_map(struct hak_profile *profile, uint64_t *random)
{
    size_t count = 0;
    for (uint32_t size = 16; size <= HAK_CLASS_SIZE_LAST_LISTED; size += 16) {
        bool needed =
            size == HAK_CLASS_SIZE_LAST_LISTED || ((size & (size - 1)) == 0 && size <= HAK_CLASS_SIZE_ALIGNED);
        if (needed || (count < HAK_PROFILE_CLASS_LIMIT - 10 && random_below(random, 20) == 0))
            profile->size_classes_sizes[count++] = size;
    }
    profile->size_classes_count = count;
    profile->size_classes_spacing = hak_parameter_find("size_classes.spacing")->standard;
}

static void random_name(struct hak_profile *profile, uint64_t *random)
{
    size_t length = 1 + random_below(random, HAK_PROFILE_NAME_MAX - 1);
    memset(profile->name, 0, sizeof profile->name);
    for (size_t i = 0; i < length; i++)
        profile->name[i] = (char)(' ' + random_below(random, 95));
}

static struct hak_profile random_profile(uint64_t *random)
{
    struct hak_profile profile;
    hak_profile_default(&profile);
    for (size_t i = 0; i < hak_parameter_count; i++) {
        const struct hak_parameter *row = &hak_parameters[i];
        if (row->type != HAK_TYPE_NAME && row->type != HAK_TYPE_SIZE_LIST)
            hak_parameter_set(row, &profile, random_value(row, random));
    }
    if (profile.pages_slab_page > profile.superslab_size / 4)
        profile.pages_slab_page = 64 * HAK_KIB;
    if (random_below(random, 2))
        random_class_map(&profile, random);
    random_name(&profile, random);
    return profile;
}

static void random_profiles_come_back(void **state)
{
    (void)state;
    uint64_t random = 3;
    for (int i = 0; i < PROFILES; i++) {
        struct hak_profile profile = random_profile(&random);
        char *text = NULL;
        struct hak_profile back = through_text(&profile, NULL, 0, &text);
        if (memcmp(&profile, &back, sizeof profile) != 0)
            fail_msg("read back differently:\n%s", text);
        free(text);
    }
}

/* Each of its lines says something. */
static void what_differs_is_written(void **state)
{
    (void)state;
    static const char expected[] = "# made by hand\n# on two lines\n#\n"
                                   "profile_version: 1\nname: 'mine'\n"
                                   "superslab:\n  size: 4MiB\n"
                                   "thread_cache:\n  max_objects: 512\n  keep: 8\n"
                                   "purge:\n  policy: free\n";
    static const char *const comments[] = {"made by hand\non two lines\n", ""};
    struct hak_profile profile;
    char *text = NULL;
    hak_profile_default(&profile);
    snprintf(profile.name, sizeof profile.name, "mine");
    memset(profile.name + sizeof "mine", 0, sizeof profile.name - sizeof "mine");
    profile.superslab_size = 4 * HAK_MIB;
    profile.thread_cache_max_objects = 512;
    profile.thread_cache_keep = 8;
    profile.purge_policy = HAK_PURGE_FREE;
    struct hak_profile back = through_text(&profile, comments, 2, &text);
    assert_string_equal(text, expected);
    assert_memory_equal(&profile, &back, sizeof back);
    free(text);
    hak_profile_default(&profile);
    through_text(&profile, NULL, 0, &text);
    assert_string_equal(text, "profile_version: 1\nname: 'default'\n");
    free(text);
}

/* A command line in the provenance can hold anything; it must stay a comment, and the file readable. */
static void hostile_comments_stay_comments(void **state)
{
    (void)state;
    static const char *const comments[] = {"a\rname: evil", "\xff\xfe bytes",     "\x1b[1m",
                                           "a\nname: evil", "\xc2\x85name: evil", "\xe2\x80\xa8name: evil",
                                           "caf\xc3\xa9",   "tab\there"};
    struct hak_profile profile;
    char *text = NULL;
    hak_profile_default(&profile);
    struct hak_profile back = through_text(&profile, comments, sizeof comments / sizeof comments[0], &text);
    assert_memory_equal(&profile, &back, sizeof back);
    assert_non_null(strstr(text, "# a?name: evil\n# ?? bytes\n# ?[1m\n# a\n# name: evil\n"));
    assert_non_null(strstr(text, "# caf\xc3\xa9\n"));
    free(text);
}

static void a_full_disk_is_reported(void **state)
{
    (void)state;
    struct hak_profile profile;
    hak_profile_default(&profile);
    FILE *full = fopen("/dev/full", "w");
    if (!full) {
        print_message("skipped: no /dev/full here\n");
        skip();
    }
    assert_false(hak_profile_write(full, &profile, NULL, 0));
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_profiles_come_back),
        cmocka_unit_test(what_differs_is_written),
        cmocka_unit_test(hostile_comments_stay_comments),
        cmocka_unit_test(a_full_disk_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
