/* SPDX-License-Identifier: MIT */
/* The table of parameters is sound, and its functions read, check and write values as documented. */
#include "config.h"

#include "lib/profile/schema.h"

#include "lib/base/units.h"
#include "tests/profile/cmocka_all.h"

static bool is_scalar(const struct hak_parameter *row)
{
    return row->type != HAK_TYPE_NAME && row->type != HAK_TYPE_SIZE_LIST;
}

static void default_passes_its_own_checks(void **state)
{
    (void)state;
    struct hak_profile profile;
    char message[HAK_PROFILE_MESSAGE_SIZE] = "";
    hak_profile_default(&profile);
    if (!hak_profile_check(&profile, message, sizeof message))
        fail_msg("%s", message);
    assert_string_equal(profile.name, "default");
    assert_int_equal(profile.superslab_size, 2 * HAK_MIB);
    assert_int_equal(profile.superslab_keep_empty, 1);
    assert_int_equal(profile.pages_slab_page, 64 * HAK_KIB);
    assert_int_equal(profile.pages_huge, HAK_HUGE_AUTO);
    assert_int_equal(profile.size_classes_spacing, 4);
    assert_int_equal(profile.size_classes_long_spacing, 8);
    assert_int_equal(profile.size_classes_count, 0);
    assert_int_equal(profile.size_classes_borrow, 50);
    assert_int_equal(profile.size_classes_borrow_limit, 1024);
    assert_int_equal(profile.heap_shared, HAK_SHARED_LONG);
    assert_int_equal(profile.thread_cache_max_objects, 256);
    assert_int_equal(profile.thread_cache_max_bytes, 32 * HAK_KIB);
    assert_int_equal(profile.thread_cache_growth, 32);
    assert_int_equal(profile.thread_cache_refill, 50);
    assert_int_equal(profile.thread_cache_drain_threshold, 100);
    assert_int_equal(profile.thread_cache_drain_batch, 50);
    assert_int_equal(profile.thread_cache_keep, 4);
    assert_int_equal(profile.thread_cache_total, 0);
    assert_int_equal(profile.remote_free_drain_threshold, 1024);
    assert_int_equal(profile.large_cache, 4 * HAK_MIB);
    assert_int_equal(profile.purge_delay, 500);
    assert_int_equal(profile.purge_policy, HAK_PURGE_DONTNEED);
}

static void check_texts(const struct hak_parameter *row)
{
    assert_non_null(row->key);
    assert_non_null(row->unit);
    assert_non_null(row->what);
    size_t length = strlen(row->what);
    assert_true(length > 20);
    assert_int_equal(row->what[length - 1], '.');
    assert_ptr_equal(hak_parameter_find(row->key), row);
}

static void check_range(const struct hak_parameter *row)
{
    assert_true(row->minimum <= row->standard && row->standard <= row->maximum);
    if (row->power_of_two) {
        assert_int_equal(row->minimum & (row->minimum - 1), 0);
        assert_int_equal(row->maximum & (row->maximum - 1), 0);
    }
    assert_true(!row->searched || row->minimum < row->maximum);
    assert_int_equal(row->choices != NULL, row->type == HAK_TYPE_CHOICE);
    if (row->choices) {
        assert_null(row->choices[row->maximum + 1]);
        assert_int_equal(row->scale, HAK_SCALE_CATEGORY);
    }
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < hak_parameter_count; i++) {
        check_texts(&hak_parameters[i]);
        if (is_scalar(&hak_parameters[i]))
            check_range(&hak_parameters[i]);
    }
    assert_null(hak_parameter_find("superslab.sise"));
    assert_null(hak_parameter_find("superslab"));
}

/* The rows cover every 64-bit field but the length of the explicit map, each once. */
static void rows_cover_the_structure(void **state)
{
    (void)state;
    struct hak_profile profile;
    memset(&profile, 0, sizeof profile);
    size_t scalars = 0;
    for (size_t i = 0; i < hak_parameter_count; i++) {
        const struct hak_parameter *row = &hak_parameters[i];
        if (!is_scalar(row))
            continue;
        assert_int_equal(hak_parameter_get(row, &profile), 0);
        hak_parameter_set(row, &profile, i + 1);
        assert_int_equal(hak_parameter_get(row, &profile), i + 1);
        scalars++;
    }
    assert_int_equal(profile.size_classes_count, 0);
    size_t other = sizeof profile.name + sizeof profile.size_classes_count + sizeof profile.size_classes_sizes;
    assert_int_equal(scalars * sizeof(uint64_t), sizeof profile - other);
}

static void values_are_read_back(const struct hak_parameter *row, uint64_t value)
{
    char text[HAK_UNITS_TEXT], message[HAK_PROFILE_MESSAGE_SIZE];
    uint64_t parsed = value + 1;
    hak_parameter_format(row, value, text, sizeof text);
    if (!hak_parameter_parse(row, text, &parsed, message, sizeof message))
        fail_msg("%s", message);
    assert_int_equal(parsed, value);
}

static void limits_are_taken_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < hak_parameter_count; i++) {
        const struct hak_parameter *row = &hak_parameters[i];
        if (!is_scalar(row))
            continue;
        values_are_read_back(row, row->standard);
        values_are_read_back(row, row->minimum);
        values_are_read_back(row, row->maximum);
    }
}

static void beyond_the_limits_is_refused(void **state)
{
    (void)state;
    char message[HAK_PROFILE_MESSAGE_SIZE];
    for (size_t i = 0; i < hak_parameter_count; i++) {
        const struct hak_parameter *row = &hak_parameters[i];
        if (!is_scalar(row))
            continue;
        assert_false(hak_parameter_check(row, row->maximum + 1, message, sizeof message));
        assert_false(hak_parameter_check(row, UINT64_MAX, message, sizeof message));
        assert_true(row->minimum == 0 || !hak_parameter_check(row, row->minimum - 1, message, sizeof message));
        assert_int_equal(strncmp(message, row->key, strlen(row->key)), 0);
    }
}

static void expect_whole(struct hak_profile *profile, const char *expected)
{
    char message[HAK_PROFILE_MESSAGE_SIZE] = "";
    assert_int_equal(hak_profile_check(profile, message, sizeof message), expected == NULL);
    if (expected)
        assert_string_equal(message, expected);
}

static void whole_profiles_are_checked(void **state)
{
    (void)state;
    struct hak_profile profile;
    hak_profile_default(&profile);
    profile.superslab_size = 256 * HAK_KIB;
    expect_whole(&profile, NULL);
    profile.pages_slab_page = 128 * HAK_KIB;
    expect_whole(&profile, "pages.slab_page: 128KiB is more than a quarter of superslab.size (256KiB)");
    hak_profile_default(&profile);
    profile.thread_cache_refill = 0;
    expect_whole(&profile, "thread_cache.refill: 0% is out of range (1% to 100%)");
    hak_profile_default(&profile);
    profile.security_quarantine = 65 * HAK_MIB;
    expect_whole(&profile, "security.quarantine: 65MiB is out of range (0 to 64MiB)");
    hak_profile_default(&profile);
    profile.name[0] = '\0';
    expect_whole(&profile, "name: 0 characters long (1 to 63 are taken)");
    hak_profile_default(&profile);
    profile.size_classes_count = 1;
    profile.size_classes_sizes[0] = 48;
    expect_whole(&profile, "size_classes.sizes: the first size is 48 (16 is expected)");
    hak_profile_default(&profile);
    profile.pages_huge = 6;
    expect_whole(&profile, "pages.huge: ? is out of range (never to large)");
}

static void short_buffers_are_not_overrun(void **state)
{
    (void)state;
    const struct hak_parameter *row = hak_parameter_find("pages.huge");
    char message[16] = "***************";
    uint64_t value = 0;
    assert_false(hak_parameter_parse(row, "no", &value, message, 10));
    assert_string_equal(message, "pages.hug");
    assert_string_equal(message + 10, "*****");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_passes_its_own_checks), cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(rows_cover_the_structure),      cmocka_unit_test(limits_are_taken_and_read_back),
        cmocka_unit_test(beyond_the_limits_is_refused),  cmocka_unit_test(whole_profiles_are_checked),
        cmocka_unit_test(short_buffers_are_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
