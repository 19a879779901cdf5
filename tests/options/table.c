/* SPDX-License-Identifier: MIT */
/* Every row is one that the parser and the documents can be made from. */
#include "config.h"

#include "cli/options/table.h"

#include "cli/options/values.h"
#include "cli/strategy/strategy.h"
#include "tests/search_space/profile_space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool is_name(const char *text)
{
    return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text) && text[0] != '-';
}

static bool is_text(const char *text)
{
    for (const char *at = text; *at; at++)
        if (*at < ' ' || *at > '~')
            return false;
    return *text != '\0';
}

static void rows_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        bool has_choices = row->kind == OPTION_CHOICE || row->kind == OPTION_NAME;
        assert_true(is_name(row->name));
        assert_true(is_text(row->description) && row->description[strlen(row->description) - 1] != '.');
        assert_true(!row->details || (is_text(row->details) && row->details[strlen(row->details) - 1] == '.'));
        assert_true(row->verbs && (row->verbs & ~VERBS_ALL) == 0 && row->group < GROUPS);
        assert_true(has_choices == (row->choices != NULL));
        assert_true(row->kind == OPTION_SWITCH ? !row->argument : row->argument || row->choices);
        assert_true(row->kind == OPTION_LIST || (row->kind == OPTION_NUMBER) == (row->most > 0));
        assert_true(row->least <= row->most);
    }
}

static void defaults_are_values(void **state)
{
    (void)state;
    struct options options = {0};
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].default_value)
            assert_true(option_store(&option_rows[i], option_rows[i].default_value, &options));
}

/* A name, a letter, a key of a job file and a field stand for one option of a verb. */
static void rows_of_a_verb_differ(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_row_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct option_row *a = &option_rows[i], *b = &option_rows[j];
            if (!(a->verbs & b->verbs))
                continue;
            assert_string_not_equal(a->name, b->name);
            assert_true(a->letter != b->letter || !a->letter);
            assert_true(!a->key || !b->key || strcmp(a->key, b->key) != 0);
            assert_true(a->offset != b->offset);
        }
    }
}

static void strategies_are_known(void **state)
{
    (void)state;
    struct machine_limits machine = {0};
    struct space space;
    profile_space_init(&space, &machine);
    struct strategy_settings settings = {&space, 1, NULL, 0};
    for (size_t i = 0; i < option_row_count; i++) {
        if (strcmp(option_rows[i].name, "strategy") != 0)
            continue;
        for (const struct option_choice *choice = option_rows[i].choices; choice->name; choice++) {
            struct strategy *strategy = strategy_new(choice->name, &settings);
            assert_non_null(strategy);
            strategy_free(strategy);
        }
    }
}

static void verbs_by_name(void **state)
{
    (void)state;
    assert_int_equal(verb_find("compare"), VERB_COMPARE);
    assert_int_equal(verb_find("comp"), VERB_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_complete), cmocka_unit_test(defaults_are_values),
                                       cmocka_unit_test(rows_of_a_verb_differ), cmocka_unit_test(strategies_are_known),
                                       cmocka_unit_test(verbs_by_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
