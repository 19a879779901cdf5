/* SPDX-License-Identifier: MIT */
/* Lines that renew themselves, on a terminal of our own: what is to be seen on it after drawing, notes and resizes.
 *
 * The terminal keeps what is written as lines of any length and shows each in as many rows as its width needs, as those
 * do that break lines anew after a resize. Rows of one line stay one, whatever is written into them, until they are
 * erased from the first on. */
#include "cli/output/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* --- a terminal --------------------------------------------------------------------------------------------------- */

#define MOST_LINES 200
#define LONGEST 400
#define SECONDS_TO_WAIT 20

struct terminal {
    int main, end; /* the two ends of a pty */
    FILE *stream;  /* of `end` */
    size_t columns;
    char text[MOST_LINES][LONGEST];
    size_t line, at; /* the cursor */
    bool colored, was_too_wide;
    size_t bytes; /* read so far */
};

static void resize(struct terminal *terminal, size_t columns, size_t rows)
{
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    assert_int_equal(ioctl(terminal->main, TIOCSWINSZ, &size), 0);
    terminal->columns = columns;
}

static struct terminal *open_terminal(size_t columns, size_t rows)
{
    struct terminal *terminal = calloc(1, sizeof *terminal);
    assert_non_null(terminal);
    terminal->main = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(terminal->main >= 0 && grantpt(terminal->main) == 0 && unlockpt(terminal->main) == 0);
    terminal->end = open(ptsname(terminal->main), O_RDWR | O_NOCTTY);
    assert_true(terminal->end >= 0);
    terminal->stream = fdopen(terminal->end, "w");
    resize(terminal, columns, rows);
    return terminal;
}

static void close_terminal(struct terminal *terminal)
{
    fclose(terminal->stream);
    close(terminal->main);
    free(terminal);
}

static size_t rows_of(const struct terminal *terminal, size_t line)
{
    size_t length = strlen(terminal->text[line]);
    return length ? (length - 1) / terminal->columns + 1 : 1;
}

static void go_up(struct terminal *terminal, size_t rows)
{
    size_t row = terminal->at / terminal->columns, column = terminal->at % terminal->columns;
    for (; rows > 0; rows--) {
        if (row > 0)
            row--;
        else if (terminal->line > 0)
            row = rows_of(terminal, --terminal->line) - 1;
    }
    terminal->at = row * terminal->columns + column;
}

static void erase_below(struct terminal *terminal)
{
    terminal->text[terminal->line][terminal->at] = '\0';
    for (size_t i = terminal->line + 1; i < MOST_LINES; i++)
        terminal->text[i][0] = '\0';
}

/* Whether the cursor is above the last row of a line that has been broken. */
static bool is_in_broken_line(const struct terminal *terminal)
{
    return terminal->at / terminal->columns + 1 < rows_of(terminal, terminal->line);
}

static void erase_row(struct terminal *terminal)
{
    char *line = terminal->text[terminal->line];
    if (is_in_broken_line(terminal))
        memset(line + terminal->at, ' ', terminal->columns - terminal->at % terminal->columns);
    else
        line[terminal->at] = '\0';
}

static void go_to_next_row(struct terminal *terminal)
{
    if (is_in_broken_line(terminal)) {
        terminal->at = (terminal->at / terminal->columns + 1) * terminal->columns;
        return;
    }
    assert_true(++terminal->line < MOST_LINES);
    terminal->at = 0;
}

/* Does what the sequence at TEXT says; returns its bytes. */
static size_t obey(struct terminal *terminal, const char *text)
{
    size_t digits = strspn(text + 2, "0123456789;");
    size_t number = digits ? strtoul(text + 2, NULL, 10) : 1;
    switch (text[2 + digits]) {
    case 'A':
        go_up(terminal, number);
        break;
    case 'K':
        erase_row(terminal);
        break;
    case 'J':
        erase_below(terminal);
        break;
    case 'm':
        terminal->colored = true;
        break;
    default:
        fail_msg("an unexpected sequence: ESC %s", text + 1);
    }
    return 3 + digits;
}

static void put(struct terminal *terminal, char byte)
{
    char *line = terminal->text[terminal->line];
    assert_true(terminal->at + 1 < LONGEST);
    if (!line[terminal->at])
        line[terminal->at + 1] = '\0';
    line[terminal->at++] = byte;
    if (terminal->at >= terminal->columns)
        terminal->was_too_wide = true;
}

static void take(struct terminal *terminal, const char *text)
{
    for (const char *at = text; *at;) {
        if (*at == '\033') {
            at += obey(terminal, at);
        } else if (*at == '\r') {
            terminal->at = terminal->at / terminal->columns * terminal->columns;
            at++;
        } else if (*at == '\n') {
            go_to_next_row(terminal);
            at++;
        } else {
            put(terminal, *at++);
        }
    }
}

/* Reads all that comes within TIMEOUT_MS; false if nothing does. Sequences are written as a whole. */
static bool read_some(struct terminal *terminal, int timeout_ms)
{
    static char text[65536];
    struct pollfd waited = {terminal->main, POLLIN, 0};
    if (poll(&waited, 1, timeout_ms) != 1)
        return false;
    ssize_t got = read(terminal->main, text, sizeof text - 1);
    assert_true(got > 0);
    text[got] = '\0';
    terminal->bytes += (size_t)got;
    take(terminal, text);
    return true;
}

/* All lines that are not empty, each with a newline. */
static const char *seen(const struct terminal *terminal)
{
    static char all[MOST_LINES * LONGEST];
    all[0] = '\0';
    for (size_t i = 0; i < MOST_LINES; i++)
        if (terminal->text[i][0])
            strcat(strcat(all, terminal->text[i]), "\n");
    return all;
}

static void wait_until_seen(struct terminal *terminal, const char *expected)
{
    for (int i = 0; i < SECONDS_TO_WAIT && strcmp(seen(terminal), expected) != 0; i++)
        while (read_some(terminal, 1000) && strcmp(seen(terminal), expected) != 0)
            ;
    assert_string_equal(seen(terminal), expected);
}

/* --- on it -------------------------------------------------------------------------------------------------------- */

struct shown {
    size_t lines;
    const char *text;
};

static void draw(void *context, struct frame *frame)
{
    const struct shown *shown = context;
    for (size_t i = 0; i < shown->lines; i++) {
        frame_begin_line(frame);
        frame_put_cut(frame, FRAME_REST_OF_LINE, i == 0 ? STYLE_GOOD : STYLE_PLAIN, "%zu %s", i + 1, shown->text);
    }
}

static void change(struct progress *progress, struct shown *shown, size_t lines, const char *text)
{
    progress_lock(progress);
    *shown = (struct shown){lines, text};
    progress_unlock(progress);
}

static struct progress *open_on(struct terminal *terminal)
{
    struct progress *progress = calloc(1, sizeof *progress);
    assert_non_null(progress);
    progress_open(progress, terminal->stream, false);
    return progress;
}

static int usual_environment(void **state)
{
    (void)state;
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C", 1);
    unsetenv("NO_COLOR");
    unsetenv("XTERM_VERSION");
    return 0;
}

static void lines_are_renewed(void **state)
{
    (void)state;
    struct terminal *terminal = open_terminal(80, 24);
    struct progress *progress = open_on(terminal);
    struct shown shown = {2, "one"};
    progress_show(progress, draw, &shown);
    wait_until_seen(terminal, "1 one\n2 one\n");
    change(progress, &shown, 3, "a longer one");
    wait_until_seen(terminal, "1 a longer one\n2 a longer one\n3 a longer one\n");
    change(progress, &shown, 1, "x");
    wait_until_seen(terminal, "1 x\n");
    progress_clear(progress);
    wait_until_seen(terminal, "");
    assert_true(terminal->colored);
    assert_int_equal(terminal->line, 0);
    assert_int_equal(terminal->at, 0);
    close_terminal(terminal);
    free(progress);
}

/* All of a terminal but the line of the cursor; what does not fit is left out. */
static void lines_fill_the_terminal(void **state)
{
    (void)state;
    struct terminal *terminal = open_terminal(20, 12);
    struct progress *progress = open_on(terminal);
    struct shown shown = {40, "x"};
    progress_show(progress, draw, &shown);
    wait_until_seen(terminal, "1 x\n2 x\n3 x\n4 x\n5 x\n6 x\n7 x\n8 x\n9 x\n10 x\n11 x\n");
    change(progress, &shown, 3, "y");
    wait_until_seen(terminal, "1 y\n2 y\n3 y\n");
    screen_renew(&progress->screen);
    assert_false(read_some(terminal, 300)); /* nothing has changed */
    progress_clear(progress);
    wait_until_seen(terminal, "");
    screen_renew(&progress->screen); /* and nothing is shown any more */
    assert_false(read_some(terminal, 300));
    close_terminal(terminal);
    free(progress);
}

/* A terminal that is recorded, or a slow line, must not be filled with what is there already. */
static void nothing_is_written_where_nothing_changed(void **state)
{
    (void)state;
    struct terminal *terminal = open_terminal(80, 24);
    struct progress *progress = open_on(terminal);
    struct shown shown = {2, "one"};
    progress_show(progress, draw, &shown);
    wait_until_seen(terminal, "1 one\n2 one\n");
    assert_false(read_some(terminal, 700));
    progress_clear(progress);
    close_terminal(terminal);
    free(progress);
}

static void notes_scroll_above(void **state)
{
    (void)state;
    struct terminal *terminal = open_terminal(80, 24);
    struct progress *progress = open_on(terminal);
    struct shown shown = {2, "one"};
    progress_note(progress, "before");
    progress_show(progress, draw, &shown);
    wait_until_seen(terminal, "before\n1 one\n2 one\n");
    progress_note(progress, "note %d\033[2J", 1);
    wait_until_seen(terminal, "before\nnote 1?[2J\n1 one\n2 one\n");
    progress_log(progress, "for those who have no terminal");
    progress_note(progress, "note %d", 2);
    wait_until_seen(terminal, "before\nnote 1?[2J\nnote 2\n1 one\n2 one\n");
    progress_clear(progress);
    progress_note(progress, "after");
    wait_until_seen(terminal, "before\nnote 1?[2J\nnote 2\nafter\n");
    close_terminal(terminal);
    free(progress);
}

/* Lines that have been broken anew are taken away with all their rows. */
static void lines_fit_after_a_resize(void **state)
{
    (void)state;
    struct terminal *terminal = open_terminal(80, 24);
    struct progress *progress = open_on(terminal);
    struct shown shown = {3, "123456789012345678901234567890123456789012345678901234567890"};
    progress_note(progress, "kept");
    progress_show(progress, draw, &shown);
    wait_until_seen(terminal, "kept\n1 123456789012345678901234567890123456789012345678901234567890\n"
                              "2 123456789012345678901234567890123456789012345678901234567890\n"
                              "3 123456789012345678901234567890123456789012345678901234567890\n");
    resize(terminal, 20, 24);
    wait_until_seen(terminal, "kept\n1 1234567890123456>\n2 1234567890123456>\n3 1234567890123456>\n");
    resize(terminal, 10, 24);
    wait_until_seen(terminal, "kept\n1 123456>\n2 123456>\n3 123456>\n");
    resize(terminal, 21, 3); /* one line for the cursor */
    wait_until_seen(terminal, "kept\n1 12345678901234567>\n2 12345678901234567>\n");
    resize(terminal, 1, 1); /* a terminal of no use */
    progress_clear(progress);
    while (read_some(terminal, 100))
        ;
    assert_false(terminal->was_too_wide);
    close_terminal(terminal);
    free(progress);
}

static void a_narrow_note_takes_the_lines_away(void **state)
{
    (void)state;
    struct terminal *terminal = open_terminal(80, 24);
    struct progress *progress = open_on(terminal);
    struct shown shown = {1, "12345678901234567890"};
    progress_show(progress, draw, &shown);
    wait_until_seen(terminal, "1 12345678901234567890\n");
    resize(terminal, 10, 24);
    progress_note(progress, "note");
    wait_until_seen(terminal, "note\n1 123456>\n");
    progress_clear(progress);
    wait_until_seen(terminal, "note\n");
    close_terminal(terminal);
    free(progress);
}

/* What was written while the program was stopped stays: the lines begin anew below it. */
static void lines_begin_anew_after_a_stop(void **state)
{
    (void)state;
    struct terminal *terminal = open_terminal(80, 24);
    struct progress *progress = open_on(terminal);
    struct shown shown = {2, "one"};
    progress_show(progress, draw, &shown);
    wait_until_seen(terminal, "1 one\n2 one\n");
    take(terminal, "[1]+ Stopped\r\n$ fg\r\n");
    raise(SIGCONT);
    wait_until_seen(terminal, "1 one\n2 one\n[1]+ Stopped\n$ fg\n1 one\n2 one\n");
    progress_clear(progress);
    wait_until_seen(terminal, "1 one\n2 one\n[1]+ Stopped\n$ fg\n");
    close_terminal(terminal);
    free(progress);
}

static void no_color(void **state)
{
    (void)state;
    setenv("NO_COLOR", "1", 1);
    struct terminal *terminal = open_terminal(80, 24);
    struct progress *progress = open_on(terminal);
    struct shown shown = {1, "one"};
    progress_show(progress, draw, &shown);
    wait_until_seen(terminal, "1 one\n");
    progress_clear(progress);
    assert_false(terminal->colored);
    close_terminal(terminal);
    free(progress);
}

/* A terminal that cannot erase gets what a file gets. */
static void dumb_terminal(void **state)
{
    (void)state;
    setenv("TERM", "dumb", 1);
    struct terminal *terminal = open_terminal(80, 24);
    struct progress *progress = open_on(terminal);
    struct shown shown = {1, "one"};
    progress_show(progress, draw, &shown);
    progress_note(progress, "note");
    progress_log(progress, "log");
    progress_clear(progress);
    wait_until_seen(terminal, "note\n    0s  log\n");
    close_terminal(terminal);
    free(progress);
}

/* The second job of a shell writes no lines into what the first shows. PROGRESS is on the controlling terminal of a
 * session whose foreground is somebody else's. */
static int run_in_background(const char *path)
{
    setsid();
    int end = open(path, O_RDWR); /* controls us from now on */
    FILE *stream = fdopen(end, "w");
    static struct progress progress;
    static struct shown shown = {1, "one"};
    progress_open(&progress, stream, false);
    progress_show(&progress, draw, &shown);
    pid_t other = fork();
    if (other == 0) {
        setpgid(0, 0);
        pause();
    }
    setpgid(other, other);
    signal(SIGTTOU, SIG_IGN);
    int result = tcsetpgrp(end, other);
    usleep(600000);
    progress_note(&progress, "note");
    progress_clear(&progress);
    kill(other, SIGKILL);
    return result;
}

static void nothing_is_drawn_in_the_background(void **state)
{
    (void)state;
    struct terminal *terminal = open_terminal(80, 24);
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(run_in_background(ptsname(terminal->main)));
    wait_until_seen(terminal, "note\n");
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close_terminal(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lines_fill_the_terminal, usual_environment),
        cmocka_unit_test_setup(lines_are_renewed, usual_environment),
        cmocka_unit_test_setup(nothing_is_written_where_nothing_changed, usual_environment),
        cmocka_unit_test_setup(notes_scroll_above, usual_environment),
        cmocka_unit_test_setup(lines_fit_after_a_resize, usual_environment),
        cmocka_unit_test_setup(a_narrow_note_takes_the_lines_away, usual_environment),
        cmocka_unit_test_setup(lines_begin_anew_after_a_stop, usual_environment),
        cmocka_unit_test_setup(no_color, usual_environment),
        cmocka_unit_test_setup(dumb_terminal, usual_environment),
        cmocka_unit_test_setup(nothing_is_drawn_in_the_background, usual_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
