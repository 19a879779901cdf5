/* SPDX-License-Identifier: MIT */
/* Keys, on a terminal of our own: one by one, unechoed, and the terminal is put back as it was. */
#include "cli/output/keys.h"

#include "tests/profile/cmocka_all.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS_TO_WAIT 20

/* --- a terminal that a child has ---------------------------------------------------------------------------------- */

struct terminal {
    int main;    /* our end of the pty */
    pid_t child; /* which has it as its controlling terminal */
    int said;    /* what the child says: a pipe */
    char text[4096];
    size_t length; /* of what the terminal shows */
};

/* A child that does BODY with the terminal and a file to write to. */
static struct terminal open_terminal(void (*body)(FILE *said))
{
    struct terminal terminal = {.length = 0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    terminal.main = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(terminal.main >= 0 && grantpt(terminal.main) == 0 && unlockpt(terminal.main) == 0);
    terminal.child = fork();
    assert_true(terminal.child >= 0);
    if (terminal.child == 0) {
        alarm(SECONDS_TO_WAIT);
        setsid();
        int end = open(ptsname(terminal.main), O_RDWR); /* the first of a session becomes its own */
        if (end < 0 || ioctl(end, TIOCSCTTY, 0) != 0)
            _exit(2);
        close(terminal.main);
        close(ends[0]);
        FILE *said = fdopen(ends[1], "w");
        setvbuf(said, NULL, _IONBF, 0);
        body(said);
        _exit(0);
    }
    close(ends[1]);
    terminal.said = ends[0];
    return terminal;
}

static void close_terminal(struct terminal *terminal)
{
    int status;
    assert_int_equal(waitpid(terminal->child, &status, 0), terminal->child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(terminal->main);
    close(terminal->said);
}

static void expect_said(struct terminal *terminal, const char *expected)
{
    char text[256] = "";
    size_t length = 0;
    while (length < strlen(expected)) {
        struct pollfd more = {.fd = terminal->said, .events = POLLIN};
        if (poll(&more, 1, SECONDS_TO_WAIT * 1000) != 1)
            break;
        ssize_t bytes = read(terminal->said, text + length, strlen(expected) - length);
        if (bytes <= 0)
            break;
        length += (size_t)bytes;
    }
    assert_string_equal(text, expected);
}

static void press(struct terminal *terminal, const char *keys)
{
    assert_int_equal(write(terminal->main, keys, strlen(keys)), strlen(keys));
}

static bool is_echoing(const struct terminal *terminal)
{
    struct termios mode;
    assert_int_equal(tcgetattr(terminal->main, &mode), 0);
    return (mode.c_lflag & ECHO) && (mode.c_lflag & ICANON);
}

/* --- what children do --------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void note(int signal_number)
{
    interrupted = signal_number;
}

/* Says each key as its number, until 'q' or a signal. */
static void say_keys(FILE *said)
{
    struct keys keys;
    struct sigaction action = {.sa_handler = note};
    sigaction(SIGINT, &action, NULL);
    keys_open(&keys);
    fputs("open ", said);
    for (int key = 0; key != 'q' && !interrupted && key != KEY_END;) {
        key = keys_wait(&keys, 0.2);
        if (key != KEY_NONE)
            fprintf(said, "%d ", key);
    }
    keys_close(&keys);
    fputs(interrupted ? "interrupted" : "closed", said);
}

/* The same without a terminal. */
static void say_without_terminal(FILE *said)
{
    struct keys keys;
    int terminal = open("/dev/tty", O_RDWR);
    signal(SIGHUP, SIG_IGN); /* which the first of a session gets that gives its terminal up */
    if (terminal < 0 || ioctl(terminal, TIOCNOTTY) != 0)
        _exit(2);
    close(terminal);
    keys_open(&keys);
    fprintf(said, "%d %d ", keys.file, keys_wait(&keys, 0.01));
    keys_close(&keys);
    fputs("closed", said);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void keys_come_one_by_one(void **state)
{
    (void)state;
    char expected[256];
    struct terminal terminal = open_terminal(say_keys);
    expect_said(&terminal, "open ");
    assert_false(is_echoing(&terminal));
    press(&terminal, "a\t \033[A\033[B\033OC\033OD\033[5~\033[6~");
    snprintf(expected, sizeof expected, "%d %d %d %d %d %d %d %d %d ", 'a', KEY_TAB, ' ', KEY_UP, KEY_DOWN, KEY_RIGHT,
             KEY_LEFT, KEY_PAGE_UP, KEY_PAGE_DOWN);
    expect_said(&terminal, expected);
    press(&terminal, "\033[99;99Hb"); /* what is not known is passed over as a whole */
    expect_said(&terminal, "98 ");
    press(&terminal, "q");
    expect_said(&terminal, "113 closed");
    assert_true(is_echoing(&terminal));
    close_terminal(&terminal);
}

static void a_signal_wakes(void **state)
{
    (void)state;
    struct terminal terminal = open_terminal(say_keys);
    expect_said(&terminal, "open ");
    press(&terminal, "\003"); /* Ctrl-C */
    expect_said(&terminal, "interrupted");
    assert_true(is_echoing(&terminal));
    close_terminal(&terminal);
}

static void wait_for_state(pid_t child, int options)
{
    int status;
    assert_int_equal(waitpid(child, &status, options), child);
}

static void a_stopped_program_leaves_the_terminal(void **state)
{
    (void)state;
    struct terminal terminal = open_terminal(say_keys);
    expect_said(&terminal, "open ");
    kill(terminal.child, SIGTSTP);
    wait_for_state(terminal.child, WUNTRACED);
    assert_true(is_echoing(&terminal));
    kill(terminal.child, SIGCONT);
    for (int i = 0; i < SECONDS_TO_WAIT * 100 && is_echoing(&terminal); i++)
        usleep(10000);
    assert_false(is_echoing(&terminal));
    press(&terminal, "q");
    expect_said(&terminal, "113 closed");
    close_terminal(&terminal);
}

static void no_terminal(void **state)
{
    (void)state;
    struct terminal terminal = open_terminal(say_without_terminal);
    expect_said(&terminal, "-1 0 closed");
    close_terminal(&terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_one_by_one),
        cmocka_unit_test(a_signal_wakes),
        cmocka_unit_test(a_stopped_program_leaves_the_terminal),
        cmocka_unit_test(no_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
