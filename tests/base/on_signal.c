/* SPDX-License-Identifier: MIT */
/* Signals that a user has the library answer to. */
#include "lib/base/on_signal.h"

#include "tests/base/child.h"

static char message[512];

static int signal_of(const char *text)
{
    struct writer writer = writer_start(message, sizeof message);
    return signal_by_name(text, &writer);
}

static void names(void **state)
{
    (void)state;
    assert_int_equal(signal_of("USR2"), SIGUSR2);
    assert_int_equal(signal_of("SIGUSR1"), SIGUSR1);
    assert_int_equal(signal_of("WINCH"), SIGWINCH);
    char number[16];
    snprintf(number, sizeof number, "%d", SIGUSR2);
    assert_int_equal(signal_of(number), SIGUSR2);
    snprintf(number, sizeof number, "%d", SIGRTMIN + 3);
    assert_int_equal(signal_of(number), SIGRTMIN + 3);
    assert_string_equal(message, "");
    static const char *const refused[] = {"",   "KILL",  "SIGSEGV",     "9",    "11", "0",
                                          "-1", "65536", "99999999999", "usr2", "1x"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(signal_of(refused[i]), 0);
        assert_non_null(strstr(message, "is none of USR1"));
    }
}

static volatile sig_atomic_t caught;

static void note(int number)
{
    caught = number;
}

static void a_signal_is_caught(void)
{
    CHILD_CHECK(on_signal("VARIABLE", "USR1", note) && raise(SIGUSR1) == 0 && caught == SIGUSR1);
}

static void a_handler_stays(void)
{
    signal(SIGUSR1, SIG_IGN);
    CHILD_CHECK(on_signal("VARIABLE", "USR1", note));
    CHILD_CHECK(!on_signal("VARIABLE", "USR1", SIG_DFL));
    CHILD_CHECK(raise(SIGUSR1) == 0 && caught == SIGUSR1);
    _exit(2);
}

static void no_signal(void)
{
    CHILD_CHECK(!on_signal("VARIABLE", "KILL", note));
    _exit(2);
}

static void assert_says(void (*body)(void), const char *text)
{
    struct child_end end = child_run(body);
    assert_true(WIFEXITED(end.status) && WEXITSTATUS(end.status) == 2);
    assert_non_null(strstr(end.output, text));
}

static void handlers(void **state)
{
    (void)state;
    assert_child_passes(a_signal_is_caught);
    assert_says(a_handler_stays, "hakmem: VARIABLE: signal 10 has a handler already, which stays; it has no effect\n");
    assert_says(no_signal, "hakmem: VARIABLE: \"KILL\" is none of USR1, ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(handlers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
