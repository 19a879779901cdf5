/* SPDX-License-Identifier: MIT */
/* The edit distance: one for each letter that is inserted, dropped or changed, and the same from either end. */
#include "config.h"

#include "lib/base/edit_distance.h"

#include "tests/profile/cmocka_all.h"

#include <string.h>

static void expect(const char *one, const char *other, size_t distance)
{
    assert_int_equal(hak_edit_distance(one, strlen(one), other, strlen(other)), distance);
    assert_int_equal(hak_edit_distance(other, strlen(other), one, strlen(one)), distance);
}

static void letters_count(void **state)
{
    (void)state;
    expect("", "", 0);
    expect("growth", "growth", 0);
    expect("", "size", 4);
    expect("spacing", "spacings", 1);
    expect("delay", "dlay", 1);
    expect("huge", "hugs", 1);
    expect("size", "szie", 2); /* a transposition */
    expect("kitten", "sitting", 3);
}

static void longest_words(void **state)
{
    (void)state;
    char word[HAK_EDIT_DISTANCE_MAX] = "", other[HAK_EDIT_DISTANCE_MAX] = "";
    memset(word, 'a', sizeof word - 1);
    memset(other, 'b', sizeof other - 1);
    expect(word, word, 0);
    expect(word, other, sizeof word - 1);
}

static void longer_words_differ_in_all(void **state)
{
    (void)state;
    char longer[HAK_EDIT_DISTANCE_MAX + 1];
    memset(longer, 'a', HAK_EDIT_DISTANCE_MAX);
    longer[HAK_EDIT_DISTANCE_MAX] = '\0';
    assert_int_equal(hak_edit_distance("a", 1, longer, HAK_EDIT_DISTANCE_MAX), HAK_EDIT_DISTANCE_MAX);
    assert_int_equal(hak_edit_distance(longer, HAK_EDIT_DISTANCE_MAX, "a", 1), HAK_EDIT_DISTANCE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_count),
        cmocka_unit_test(longest_words),
        cmocka_unit_test(longer_words_differ_in_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
