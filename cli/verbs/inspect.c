/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune inspect: the heap of a process that runs. */
#include "config.h"

#include "cli/inspect/live.h"
#include "cli/inspect/map.h"
#include "cli/inspect/print.h"
#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/options/values.h"
#include "cli/output/keys.h"
#include "cli/output/memory.h"
#include "cli/output/screen.h"
#include "cli/output/style.h"
#include "cli/output/whole_file.h"
#include "cli/verbs/interrupt.h"
#include "cli/verbs/verbs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EXIT_CANNOT 3
#define EXIT_INTERRUPTED 130

/* The share of the time that looks may take. */
#define MOST_BUSY 0.2

struct inspection {
    const struct options *options;
    struct target target;
    struct look look;
    const volatile int *interrupted;
    char message[TARGET_MESSAGE];
};

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int cannot(const struct inspection *inspection)
{
    return usage_failure(VERB_INSPECT, EXIT_CANNOT, "%s", inspection->message);
}

static bool look(struct inspection *inspection)
{
    return look_take(&inspection->look, &inspection->target, inspection->message, sizeof inspection->message);
}

/* --- once --------------------------------------------------------------------------------------------------------- */

/* The second look, from which there are rates, where an interval is asked for. */
static bool look_again(struct inspection *inspection)
{
    double end = seconds_now() + inspection->options->interval;
    if (!option_given(inspection->options, interval))
        return true;
    for (double now; (now = seconds_now()) < end && !*inspection->interrupted;) {
        double left = end - now;
        struct timespec pause = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
        nanosleep(&pause, NULL);
    }
    return *inspection->interrupted || look(inspection);
}

static int write_map(struct inspection *inspection)
{
    const char *path = inspection->options->map;
    char message[PATH_MAX + 128];
    struct whole_file file;
    if (!whole_file_open(&file, path, message, sizeof message))
        return usage_failure(VERB_INSPECT, 1, "%s", message);
    size_t left_out = map_write(file.stream, map_format_of(path), &inspection->look, &inspection->target);
    if (!whole_file_close(&file, true, message, sizeof message))
        return usage_failure(VERB_INSPECT, 1, "%s", message);
    if (left_out != 0)
        fprintf(stderr, "hakmem-tune: inspect: %s: the picture is full; %zu SuperSlabs are left out\n", path, left_out);
    return 0;
}

static int run_once(struct inspection *inspection)
{
    const struct options *options = inspection->options;
    if (!look(inspection) || !look_again(inspection))
        return cannot(inspection);
    if (*inspection->interrupted)
        return EXIT_INTERRUPTED;
    int status = options->map ? write_map(inspection) : 0;
    if (status == 0 && (!options->map || options->once || option_given(options, format)))
        inspect_print(stdout, &inspection->look, &inspection->target, (enum output_format)options->format);
    return status;
}

/* --- on a terminal ------------------------------------------------------------------------------------------------ */

/* Does what comes until the next look is due; false: to quit. */
static bool wait_for_keys(struct keys *keys, struct live *live, struct screen *screen, double due,
                          const volatile int *interrupted)
{
    for (double now; (now = seconds_now()) < due && !*interrupted;) {
        int key = keys_wait(keys, due - now);
        if (key == KEY_NONE)
            continue;
        screen_lock(screen);
        bool goes_on = key != KEY_END && live_key(live, key);
        screen_unlock(screen);
        if (!goes_on)
            return false;
        screen_renew(screen);
    }
    return !*interrupted;
}

/* When the look after the one that was due at BEFORE and took COST is: a heap of many GiB takes a while to read. */
static double next_due(const struct inspection *inspection, double before, double cost)
{
    double now = seconds_now(), due = before + inspection->options->interval;
    double earliest = now + cost * (1 / MOST_BUSY - 1);
    return due > earliest ? due : earliest;
}

/* Shows the process until a key, a signal or its own end; true: its end. */
static bool show(struct inspection *inspection, struct live *live, struct screen *screen)
{
    struct keys keys;
    bool is_there = true;
    double due = seconds_now(), cost = 0;
    keys_open(&keys);
    screen_show(screen, live_draw, live);
    screen_renew(screen);
    do {
        due = next_due(inspection, due, cost);
        if (!wait_for_keys(&keys, live, screen, due, inspection->interrupted))
            break;
        screen_lock(screen);
        double begin = seconds_now();
        if (!live->is_paused && (is_there = look(inspection)))
            live_renew(live);
        cost = seconds_now() - begin;
        screen_unlock(screen);
    } while (is_there);
    screen_clear(screen);
    keys_close(&keys);
    return !is_there;
}

static int run_live(struct inspection *inspection)
{
    struct screen screen;
    struct live live;
    if (!look(inspection))
        return cannot(inspection);
    screen_init(&screen, stdout);
    live_open(&live, &inspection->target, &inspection->look, inspection->options->interval);
    bool has_ended = show(inspection, &live, &screen);
    live_close(&live);
    if (has_ended)
        fprintf(stderr, "hakmem-tune: inspect: %s\n", inspection->message);
    return *inspection->interrupted ? EXIT_INTERRUPTED : 0;
}

/* --- the command line --------------------------------------------------------------------------------------------- */

static bool is_live(const struct options *options)
{
    return !options->once && !options->map && options->format == OUTPUT_TEXT && style_can_escape(stdout);
}

static int check(const struct options *options, pid_t *pid)
{
    uint64_t number;
    char message[PATH_MAX + 128];
    if (options->argument_count != 1)
        return usage_error(VERB_INSPECT, "expected the number of one process, not %zu", options->argument_count);
    if (!option_number(options->arguments[0], &number) || number == 0 || number > INT_MAX)
        return usage_error(VERB_INSPECT, "'%s' is not the number of a process", options->arguments[0]);
    if (options->map && map_format_of(options->map) == MAP_NONE)
        return usage_error(VERB_INSPECT, "--map: '%s' does not end in .svg or .html", options->map);
    if (options->map && !whole_file_possible(options->map, message, sizeof message))
        return usage_failure(VERB_INSPECT, 1, "%s", message);
    *pid = (pid_t)number;
    return 0;
}

int verb_inspect(const struct options *options)
{
    pid_t pid;
    int status = check(options, &pid);
    if (status != 0)
        return status;
    struct inspection *inspection = must_have(calloc(1, sizeof *inspection));
    inspection->options = options;
    inspection->interrupted = interrupt_watch();
    if (target_open(&inspection->target, pid, inspection->message, sizeof inspection->message)) {
        status = is_live(options) ? run_live(inspection) : run_once(inspection);
        look_free(&inspection->look);
        target_close(&inspection->target);
    } else {
        status = cannot(inspection);
    }
    free(inspection);
    return status;
}
