/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See screen.h. */
#include "config.h"

#include "cli/output/screen.h"

#include "cli/output/memory.h"
#include "cli/output/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS 200000000L
#define NS_PER_S 1000000000L
#define STACK_BYTES ((size_t)256 * 1024) /* of the thread */

#define USUAL_COLUMNS 80 /* where the terminal does not say */
#define USUAL_LINES 24

#define ERASE_TO_END_OF_LINE "\033[K"
#define ERASE_BELOW "\033[J"

/* What one drawing writes; at once, so that no half of it is seen. */
struct output {
    char *text; /* malloc'd */
    size_t length, room;
};

static void write_text(struct output *output, const char *text)
{
    size_t length = strlen(text);
    if (output->length + length > output->room) {
        output->room = 2 * (output->length + length);
        output->text = must_have(realloc(output->text, output->room));
    }
    memcpy(output->text + output->length, text, length);
    output->length += length;
}

static void flush(const struct screen *screen, struct output *output)
{
    size_t done = 0;
    ssize_t written = 0;
    while (done < output->length && (written >= 0 || errno == EINTR)) {
        written = write(fileno(screen->stream), output->text + done, output->length - done);
        done += written > 0 ? (size_t)written : 0;
    }
    free(output->text);
}

/* --- stopped and continued ---------------------------------------------------------------------------------------- */

static volatile sig_atomic_t times_continued;

static void note_continued(int signal_number)
{
    (void)signal_number;
    times_continued = times_continued + 1;
}

static void watch_continued(void)
{
    struct sigaction action = {.sa_handler = note_continued, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGCONT, &action, NULL);
}

static bool is_in_foreground(const struct screen *screen)
{
    pid_t group = tcgetpgrp(fileno(screen->stream));
    return group < 0 || group == getpgrp(); /* none: it is not our controlling terminal */
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

/* The last column stays free, because some terminals wrap as soon as it is written; and the last line, for the cursor.
 */
static void measure(const struct screen *screen, struct frame *frame)
{
    struct winsize size = {.ws_col = 0};
    bool known = ioctl(fileno(screen->stream), TIOCGWINSZ, &size) == 0;
    frame->columns = (known && size.ws_col ? size.ws_col : USUAL_COLUMNS) - 1;
    frame->most_lines = (known && size.ws_row ? size.ws_row : USUAL_LINES) - 1;
}

/* Terminal lines that the drawn ones take now: one that is wider than the terminal has become may have been broken. */
static size_t height(const struct screen *screen, size_t columns)
{
    size_t lines = screen->drawn;
    for (size_t i = 0; screen->reflows && i < screen->drawn; i++)
        lines += screen->frame.lines[i].width ? (screen->frame.lines[i].width - 1) / columns : 0;
    return lines;
}

/* To the first of the lines that are drawn. */
static void go_to_first(struct screen *screen, struct output *output, size_t columns)
{
    char text[32];
    if (screen->continued != times_continued)
        screen->drawn = 0;
    screen->continued = times_continued;
    size_t lines = height(screen, columns);
    snprintf(text, sizeof text, lines ? "\r\033[%zuA" : "\r", lines);
    write_text(output, text);
}

/* The screen has FRAME from now on. */
static void write_frame(struct screen *screen, struct output *output, const struct frame *frame)
{
    frame_free(&screen->frame);
    screen->frame = *frame;
    screen->drawn = frame_lines(frame);
    for (size_t i = 0; i < screen->drawn; i++) {
        write_text(output, frame->lines[i].text);
        write_text(output, ERASE_TO_END_OF_LINE "\n");
    }
    write_text(output, ERASE_BELOW);
}

static bool is_drawn(const struct screen *screen, const struct frame *frame)
{
    const struct frame *old = &screen->frame;
    if (screen->drawn == 0)
        return frame->count == 0 || frame->most_lines == 0;
    if (screen->continued != times_continued || old->columns != frame->columns ||
        old->most_lines != frame->most_lines || old->count != frame->count)
        return false;
    for (size_t i = 0; i < screen->drawn; i++)
        if (strcmp(old->lines[i].text, frame->lines[i].text) != 0)
            return false;
    return true;
}

/* Draws what has changed. The lock is held. */
static void redraw(struct screen *screen)
{
    struct frame frame = {.utf8 = screen->utf8, .color = screen->color};
    struct output output = {.length = 0};
    if (!is_in_foreground(screen))
        return;
    measure(screen, &frame);
    screen->draw(screen->context, &frame);
    if (is_drawn(screen, &frame)) {
        frame_free(&frame);
        return;
    }
    go_to_first(screen, &output, frame.columns + 1);
    if (screen->drawn && screen->frame.columns != frame.columns)
        write_text(&output, ERASE_BELOW); /* a row that was broken stays one with the next until it is erased */
    write_frame(screen, &output, &frame);
    flush(screen, &output);
}

/* Writes TEXT, which may be empty, in place of the lines. The lock is held. */
static void replace(struct screen *screen, const char *text)
{
    struct output output = {.length = 0};
    struct frame size = {.columns = 0};
    measure(screen, &size);
    go_to_first(screen, &output, size.columns + 1);
    write_text(&output, screen->drawn ? ERASE_BELOW : "");
    screen->drawn = 0;
    write_text(&output, text);
    flush(screen, &output);
}

/* --- its thread --------------------------------------------------------------------------------------------------- */

static struct timespec next_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_nsec += PERIOD_NS;
    time.tv_sec += time.tv_nsec / NS_PER_S;
    time.tv_nsec %= NS_PER_S;
    return time;
}

static void *renew(void *context)
{
    struct screen *screen = context;
    pthread_mutex_lock(&screen->lock);
    while (!screen->must_end) {
        struct timespec until = next_time();
        if (pthread_cond_timedwait(&screen->ended, &screen->lock, &until) == ETIMEDOUT && !screen->must_end)
            redraw(screen);
    }
    pthread_mutex_unlock(&screen->lock);
    return NULL;
}

/* It takes no signal: those are for the thread that the session runs in. */
static bool start_thread(struct screen *screen)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&screen->thread, &attributes, renew, screen) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

static void end_thread(struct screen *screen)
{
    pthread_mutex_lock(&screen->lock);
    screen->must_end = true;
    pthread_cond_signal(&screen->ended);
    pthread_mutex_unlock(&screen->lock);
    pthread_join(screen->thread, NULL);
    screen->must_end = false;
    screen->is_running = false;
}

/* --- for its owner ------------------------------------------------------------------------------------------------ */

/* xterm cuts its lines where others break them anew; tmux and screen in it do as all others. */
static bool does_reflow(void)
{
    return !getenv("XTERM_VERSION") || getenv("TMUX") || getenv("STY");
}

void screen_init(struct screen *screen, FILE *stream)
{
    pthread_condattr_t monotonic;
    *screen = (struct screen){
        .stream = stream, .utf8 = utf8_is_wanted(), .color = style_can_color(stream), .reflows = does_reflow()};
    pthread_mutex_init(&screen->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&screen->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void screen_show(struct screen *screen, screen_draw *draw, void *context)
{
    screen_lock(screen);
    screen->draw = draw;
    screen->context = context;
    screen_unlock(screen);
    if (screen->is_running)
        return;
    watch_continued();
    screen->is_running = start_thread(screen);
}

void screen_lock(struct screen *screen)
{
    pthread_mutex_lock(&screen->lock);
}

void screen_unlock(struct screen *screen)
{
    pthread_mutex_unlock(&screen->lock);
}

void screen_renew(struct screen *screen)
{
    screen_lock(screen);
    if (screen->is_running)
        redraw(screen);
    screen_unlock(screen);
}

void screen_note(struct screen *screen, const char *text)
{
    screen_lock(screen);
    fflush(screen->stream);
    replace(screen, "");
    fputs(text, screen->stream);
    fflush(screen->stream);
    if (screen->is_running)
        redraw(screen);
    screen_unlock(screen);
}

void screen_clear(struct screen *screen)
{
    if (screen->is_running)
        end_thread(screen);
    fflush(screen->stream);
    if (screen->drawn && is_in_foreground(screen))
        replace(screen, "");
    screen->drawn = 0;
    frame_free(&screen->frame);
}
