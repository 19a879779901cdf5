/* SPDX-License-Identifier: MIT */
/* hakmem-tune inspect on a terminal of our own: what it shows of a program that runs on the library, keys, resizes, the
 * program's end. */
#include "cli/output/utf8.h"
#include "tests/profile/cmocka_all.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define SECONDS_TO_WAIT 60
#define MOST_BYTES (1 << 20)

static pid_t subject; /* the program that is inspected */
static pid_t inspector;
static int terminal = -1;
static size_t columns;
static char seen[MOST_BYTES]; /* all that was written, without escape sequences */
static size_t seen_bytes, looked_at;

static void forget(void)
{
    seen_bytes = looked_at = 0;
    seen[0] = '\0';
}

static void resize(size_t width, size_t height)
{
    struct winsize size = {.ws_col = (unsigned short)width, .ws_row = (unsigned short)height};
    assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
    columns = width;
}

/* Whether the process has mapped the library: then it is the program, and has started. */
static bool runs_on_library(pid_t process)
{
    char path[64], line[512];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)process);
    FILE *maps = fopen(path, "re");
    while (maps && !found && fgets(line, sizeof line, maps))
        found = strstr(line, "libhakmem") != NULL;
    if (maps)
        fclose(maps);
    return found;
}

static pid_t start_subject(void)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setenv("LD_PRELOAD", getenv("HAK_LIBRARY"), 1);
        execlp("sleep", "sleep", "300", (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < SECONDS_TO_WAIT * 100 && !runs_on_library(child); i++)
        usleep(10000);
    return child;
}

static void start_inspector(void)
{
    char number[16];
    snprintf(number, sizeof number, "%d", (int)subject);
    terminal = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    resize(80, 24);
    inspector = fork();
    assert_true(inspector >= 0);
    if (inspector == 0) {
        setsid();
        int end = open(ptsname(terminal), O_RDWR);
        if (end < 0 || ioctl(end, TIOCSCTTY, 0) != 0 || dup2(end, 0) != 0 || dup2(end, 1) != 1 || dup2(end, 2) != 2)
            _exit(126);
        setenv("TERM", "xterm-256color", 1);
        setenv("LC_ALL", "C.UTF-8", 1);
        execl(TUNE, TUNE, "inspect", "--interval", "100ms", number, (char *)NULL);
        _exit(127);
    }
}

static void start(void)
{
    const char *library = getenv("HAK_LIBRARY"), *runner = getenv("TEST_RUNNER");
    if (!library || !*library || (runner && *runner)) {
        print_message("skipped: there is no library to preload into this system's programs\n");
        skip();
    }
    forget();
    subject = start_subject();
    start_inspector();
}

static void end_child(pid_t *child)
{
    if (*child <= 0)
        return;
    kill(*child, SIGKILL);
    waitpid(*child, NULL, 0);
    *child = 0;
}

static int end(void **state)
{
    (void)state;
    end_child(&subject);
    end_child(&inspector);
    if (terminal >= 0)
        close(terminal);
    terminal = -1;
    return 0;
}

/* Adds what is written meanwhile; false: nothing was for so long, or the terminal has been left. */
static bool read_some(int milliseconds)
{
    static bool in_sequence;
    char bytes[4096];
    struct pollfd more = {.fd = terminal, .events = POLLIN};
    if (poll(&more, 1, milliseconds) != 1)
        return false;
    ssize_t count = read(terminal, bytes, sizeof bytes);
    for (ssize_t i = 0; i < count; i++) {
        in_sequence |= bytes[i] == '\033';
        if (!in_sequence && bytes[i] != '\r' && seen_bytes + 1 < sizeof seen)
            seen[seen_bytes++] = bytes[i];
        if (in_sequence && bytes[i] >= '@' && bytes[i] <= '~' && bytes[i] != '[')
            in_sequence = false;
    }
    seen[seen_bytes] = '\0';
    return count > 0;
}

/* Waits until TEXT is written after what was waited for before. */
static void wait_for(const char *text)
{
    for (int i = 0; i < SECONDS_TO_WAIT * 10; i++) {
        const char *at = strstr(seen + looked_at, text);
        if (at) {
            looked_at = (size_t)(at - seen) + strlen(text);
            return;
        }
        if (!read_some(100) && waitpid(inspector, NULL, WNOHANG) == inspector) {
            inspector = 0;
            break;
        }
    }
    fail_msg("\"%s\" was not written after:\n%s", text, seen);
}

static void press(const char *keys)
{
    assert_int_equal(write(terminal, keys, strlen(keys)), strlen(keys));
}

static int wait_for_end(void)
{
    int status;
    while (read_some(100) || waitpid(inspector, &status, WNOHANG) == 0)
        ;
    inspector = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void expect_no_line_too_wide(void)
{
    for (const char *at = seen; *at;) {
        size_t length = strcspn(at, "\n");
        if (utf8_width(at, length) >= columns)
            fail_msg("wider than %zu columns: %.*s", columns, (int)length, at);
        at += length + (at[length] == '\n');
    }
}

static void is_put_back(void)
{
    struct termios mode;
    assert_int_equal(tcgetattr(terminal, &mode), 0);
    assert_true((mode.c_lflag & ECHO) && (mode.c_lflag & ICANON));
}

static void keys_lead_through_it(void **state)
{
    (void)state;
    start();
    wait_for("sleep (");
    wait_for("mapped ");
    wait_for("[classes]");
    wait_for("allocated");
    press("t");
    wait_for("[threads]");
    wait_for("sleep");
    press("s");
    wait_for("[superslabs]");
    press("\t");
    wait_for("[memory]");
    press("\t>");
    wait_for("size▼");
    expect_no_line_too_wide();
    press("q");
    assert_int_equal(wait_for_end(), 0);
    is_put_back();
}

static void it_fits_after_a_resize(void **state)
{
    (void)state;
    start();
    wait_for("[classes]");
    resize(200, 50);
    press("t");
    wait_for("[threads]");
    wait_for("buffered"); /* a column for which there was no room */
    resize(40, 10);
    forget();
    press("m");
    wait_for("[memory]");
    while (read_some(300))
        ;
    forget();
    press("c");
    wait_for("[classes]");
    wait_for("size  memory  allocated");
    expect_no_line_too_wide();
    press("q");
    assert_int_equal(wait_for_end(), 0);
}

static void the_program_ends(void **state)
{
    (void)state;
    start();
    wait_for("[classes]");
    kill(subject, SIGKILL);
    wait_for(" (sleep) has ended");
    assert_int_equal(wait_for_end(), 0);
    is_put_back();
}

static void interrupted(void **state)
{
    (void)state;
    start();
    wait_for("[classes]");
    press("\003");
    assert_int_equal(wait_for_end(), 130);
    is_put_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(keys_lead_through_it, end),
        cmocka_unit_test_teardown(it_fits_after_a_resize, end),
        cmocka_unit_test_teardown(the_program_ends, end),
        cmocka_unit_test_teardown(interrupted, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
