/* SPDX-License-Identifier: MIT */
/* Extended regular expressions that a user gives: what is none is told, and so is what the C library cannot compile
 * with little memory in little time. */
#include "config.h"

#include "cli/metric/expression.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

static void expressions_have_groups(void **state)
{
    (void)state;
    char why[EXPRESSION_WHY];
    size_t groups = 9;
    assert_int_equal(expression_check("ready|up: [0-9]+", &groups, why), 0);
    assert_int_equal(groups, 0);
    assert_int_equal(expression_check("(([0-9]{1,3}\\.){3}[0-9]+)", &groups, why), 0);
    assert_int_equal(groups, 2);
    assert_int_equal(expression_check("x", NULL, why), 0);
}

static void what_is_none_is_told(void **state)
{
    (void)state;
    char why[EXPRESSION_WHY] = "";
    assert_int_equal(expression_check("(", NULL, why), -1);
    assert_true(strlen(why) > 0);
    assert_null(strstr(why, EXPRESSION_LIMIT));
}

/* Both need a minute or several GiB with the GNU C Library; another one may have no difficulty with them. */
static void what_needs_too_much_is_told(void **state)
{
    (void)state;
    static const char *const large[] = {"a++++++++++++++++++++++++++++++", "((a*)*){1000}"};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        char why[EXPRESSION_WHY] = "";
        int checked = expression_check(large[i], NULL, why);
#if defined __GLIBC__
        assert_int_equal(checked, -1);
        assert_non_null(strstr(why, EXPRESSION_LIMIT));
#else
        assert_in_range(checked + 1, 0, 1);
#endif
    }
    struct rusage own;
    assert_int_equal(getrusage(RUSAGE_SELF, &own), 0);
    assert_in_range(own.ru_utime.tv_sec, 0, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_have_groups),
        cmocka_unit_test(what_is_none_is_told),
        cmocka_unit_test(what_needs_too_much_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
