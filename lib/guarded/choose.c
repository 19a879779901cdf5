/* SPDX-License-Identifier: MIT */
#include "lib/guarded/choose.h"

#include "lib/base/gate.h"
#include "lib/base/os.h"
#include "lib/base/os_guarded.h"
#include "lib/base/splitmix.h"
#include "lib/base/ticks.h"
#include "lib/guarded/guarded.h"
#include "lib/profile/active.h"
#include "lib/thread/attach.h"
#include "lib/thread/held_cache.h"

/* --- all mallocs are counted -------------------------------------------------------------------------------------- */

/* Any of them with the same probability, whatever came before. */
static uint64_t draw_count(struct guarded_clock *clock)
{
    double mean = (double)HAK_PROFILE(security_guarded);
    return 1 + (uint64_t)(mean > 1 ? mean * sample_clock_exponential(splitmix_next(&clock->random)) : 0);
}

static bool count_down(struct guarded_clock *clock)
{
    if (UNLIKELY(clock->count_down == 0))
        clock->count_down = draw_count(clock);
    return --clock->count_down == 0;
}

/* --- windows ------------------------------------------------------------------------------------------------------ */

/* As many as tell the rate of a thread whose mallocs come in bursts, and cost little: their slow paths take some 20 ns
 * more each. */
#define WINDOW_MALLOCS 16u

/* A guarded block and its window cost some 30 us in a virtual machine, where a change of the page table is dear, and so
 * less than 0.4 % of a thread's time at 1/5000 by this. (With 400 ns ws256 was 1.5 % slower.) */
#define MALLOC_TIME_LEAST 5000.0 /* nanoseconds */

/* Windows that follow one another at most. */
#define OWED_MOST 15u

/* The weight of what a window shows against all before. */
#define WINDOW_WEIGHT 0.125

/* When the process began to guard; const after choose_start. */
static uint64_t first_ticks, first_microseconds;

void choose_start(void)
{
    first_ticks = ticks_now();
    first_microseconds = os_microseconds();
}

/* When so many nanoseconds have passed, by what ticks took so far. */
static uint64_t ticks_after(uint64_t nanoseconds)
{
    uint64_t now = ticks_now();
    double microseconds = (double)(os_microseconds() - first_microseconds) + 1;
    return now + (uint64_t)((double)nanoseconds / 1000 * (double)(now - first_ticks) / microseconds);
}

static uint64_t interval_of(struct guarded_clock *clock)
{
    double malloc_time = clock->malloc_time > MALLOC_TIME_LEAST ? clock->malloc_time : MALLOC_TIME_LEAST;
    return (uint64_t)(sample_clock_exponential(splitmix_next(&clock->random)) * malloc_time *
                      (double)HAK_PROFILE(security_guarded));
}

/* Takes off PASSED what was due in it; how many windows these are, the first one apart. */
static uint32_t count_owed(struct guarded_clock *clock, uint64_t passed)
{
    for (uint32_t owed = 0; owed < OWED_MOST; owed++) {
        uint64_t next = interval_of(clock);
        if (next > passed) {
            clock->due = next - passed;
            return owed;
        }
        passed -= next;
    }
    clock->due = interval_of(clock);
    return OWED_MOST;
}

static void begin_window(struct guarded_clock *clock)
{
    clock->left = WINDOW_MALLOCS;
    clock->strikes_at = (uint32_t)(splitmix_next(&clock->random) % WINDOW_MALLOCS);
    clock->spent = 0;
}

static void open_if_due(struct guarded_clock *clock)
{
    uint64_t now = os_thread_nanoseconds(), passed = now - size_minimum(clock->opened, now);
    if (passed < clock->due) {
        clock->look_at = ticks_after(clock->due - passed);
        return;
    }
    clock->owed = count_owed(clock, passed - clock->due);
    clock->opened = now;
    begin_window(clock);
    held_cache_hide();
}

static void close_window(struct guarded_clock *clock)
{
    uint64_t now = os_thread_nanoseconds(), passed = now - clock->opened;
    double shown = (double)(passed - size_minimum(passed, clock->spent)) / WINDOW_MALLOCS;
    if (clock->malloc_time == 0)
        clock->malloc_time = shown;
    else
        clock->malloc_time += (shown - clock->malloc_time) * WINDOW_WEIGHT;
    if (clock->owed > 0) {
        clock->owed--;
        clock->due -= size_minimum(clock->due, passed);
        clock->opened = now;
        begin_window(clock);
        return;
    }
    clock->look_at = ticks_after(clock->due);
    held_cache_show();
}

static bool count_in_window(struct guarded_clock *clock)
{
    bool strikes = --clock->left == clock->strikes_at;
    if (UNLIKELY(clock->left == 0))
        close_window(clock);
    return strikes;
}

/* Another thread has another time, in which the next window is due as any other is; one that was open is closed. */
static NOINLINE void begin_thread(struct guarded_clock *clock)
{
    clock->is_of_thread = true;
    clock->left = 0;
    clock->opened = 0;
    clock->due = interval_of(clock);
    clock->look_at = 0;
}

static bool count_windows(struct guarded_clock *clock)
{
    if (UNLIKELY(!clock->is_of_thread))
        begin_thread(clock);
    if (clock->left != 0)
        return count_in_window(clock);
    if (UNLIKELY(ticks_now() >= clock->look_at))
        open_if_due(clock);
    return false;
}

/* Where all are counted a thread's first one is as well. */
static NOINLINE struct thread_cache *attach_to_count(void)
{
    struct thread_cache *cache;
    if (!held_caches_stay_hidden || !gate_enter())
        return THREAD_CACHE_NONE;
    bool cached = attach_thread(&cache) == ATTACH_CACHED;
    gate_leave();
    return cached ? cache : THREAD_CACHE_NONE;
}

bool choose_strikes(void)
{
    struct thread_cache *cache = held_cache;
    if (UNLIKELY(cache == THREAD_CACHE_NONE) && (cache = attach_to_count()) == THREAD_CACHE_NONE)
        return false;
    struct guarded_clock *clock = &cache->guarded;
    if (UNLIKELY(clock->random == 0))
        clock->random = sample_clock_seed() | 1;
    return held_caches_stay_hidden ? count_down(clock) : count_windows(clock);
}

void *choose_take(size_t size, size_t alignment, const void *caller)
{
    if (LIKELY(!choose_strikes()))
        return NULL;
    struct guarded_clock *clock = &held_cache->guarded;
    uint64_t before = os_thread_nanoseconds();
    void *block = guarded_take(size, alignment, caller);
    clock->spent += os_thread_nanoseconds() - before;
    return block;
}
