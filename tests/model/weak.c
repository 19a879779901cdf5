/* SPDX-License-Identifier: MIT */
#include "tests/model/weak.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct weak_memory *act_memory(const struct act *act)
{
    return act->move->after;
}

void act_explain(const struct act *act, const char *format, ...)
{
    size_t length = strlen(act->move->text);
    if (!act->explain)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(act->move->text + length, sizeof act->move->text - length, format, arguments);
    va_end(arguments);
}

void act_violate(const struct act *act, const char *rule)
{
    if (act->move->violation == NULL)
        act->move->violation = rule;
}

/* ---- views ---- */

static const struct weak_store *newest_store(const struct weak_memory *memory, unsigned place)
{
    return place < WEAK_LOADED ? &memory->stores[place][memory->newest[place]] : &memory->only[place - WEAK_LOADED];
}

void weak_begin(struct weak_memory *memory, unsigned place, uint8_t value)
{
    struct weak_store *store = place < WEAK_LOADED ? memory->stores[place] : &memory->only[place - WEAK_LOADED];
    store->value = value;
}

uint8_t weak_value(const struct weak_memory *memory, unsigned place)
{
    return newest_store(memory, place)->value;
}

static void join(struct weak_view *view, const struct weak_view *other)
{
    for (unsigned place = 0; place < WEAK_PLACES; place++)
        if (view->at[place] < other->at[place])
            view->at[place] = other->at[place];
}

static void forget_in(struct weak_view *view, unsigned place, uint8_t stores)
{
    view->at[place] = (uint8_t)(view->at[place] > stores ? view->at[place] - stores : 0);
}

/* The first STORES stores of PLACE are not there any more: the views count those that are. */
static void count_anew(struct weak_memory *memory, unsigned place, uint8_t stores)
{
    memory->newest[place] = (uint8_t)(memory->newest[place] - stores);
    forget_in(&memory->sequential, place, stores);
    for (unsigned thread = 0; thread < WEAK_THREADS; thread++) {
        forget_in(&memory->threads[thread].now, place, stores);
        forget_in(&memory->threads[thread].at_fence, place, stores);
        forget_in(&memory->threads[thread].unfenced, place, stores);
    }
    for (unsigned other = 0; other < WEAK_LOADED; other++)
        for (unsigned i = 0; i <= memory->newest[other]; i++)
            forget_in(&memory->stores[other][i].view, place, stores);
    for (unsigned other = 0; other < WEAK_EXACT; other++)
        forget_in(&memory->only[other].view, place, stores);
}

static void forget(struct weak_memory *memory, unsigned place, uint8_t stores)
{
    if (place < WEAK_LOADED) {
        struct weak_store *of = memory->stores[place];
        memmove(of, of + stores, (WEAK_DEPTH - (size_t)stores) * sizeof *of);
        memset(of + WEAK_DEPTH - stores, 0, stores * sizeof *of);
    }
    count_anew(memory, place, stores);
}

static bool may_load(const struct act *act, unsigned thread, unsigned place)
{
    return act->loads[thread] == 0 || place >= WEAK_LOADED || (act->loads[thread] >> place & 1) != 0;
}

/* What no thread may read any more is no part of the state. */
static void forget_unseen(const struct act *act, uint8_t threads)
{
    struct weak_memory *memory = act_memory(act);
    for (unsigned place = 0; place < WEAK_PLACES; place++) {
        uint8_t oldest = memory->newest[place];
        for (unsigned thread = 0; thread < threads; thread++)
            if (may_load(act, thread, place) && memory->threads[thread].now.at[place] < oldest)
                oldest = memory->threads[thread].now.at[place];
        if (oldest != 0)
            forget(memory, place, oldest);
    }
}

size_t act_all(const struct act *common, const void *state, size_t state_size, uint8_t threads,
               bool (*step)(struct act *act), struct move *moves, size_t most_moves)
{
    size_t count = 0;
    for (uint8_t thread = 0; thread < threads; thread++) {
        for (unsigned choice = 0; count < most_moves; choice++, count++) {
            struct act act = *common;
            act.thread = thread;
            act.choice = choice;
            act.move = &moves[count];
            memcpy(act.move->after, state, state_size);
            act.move->violation = NULL;
            act.move->agent = thread;
            act.move->text[0] = '\0';
            if (!step(&act))
                break;
            forget_unseen(&act, threads);
        }
    }
    return count;
}

void weak_end(const struct act *act)
{
    struct weak_memory *memory = act_memory(act);
    memset(&memory->threads[act->thread], 0, sizeof memory->threads[act->thread]);
    memcpy(memory->threads[act->thread].now.at, memory->newest, sizeof memory->newest);
}

/* ---- atomic operations ---- */

static bool acquires(enum order order)
{
    return order == ACQUIRE || order == ACQ_REL || order == SEQ_CST;
}

static bool releases(enum order order)
{
    return order == RELEASE || order == ACQ_REL || order == SEQ_CST;
}

/* The thread has read the store number AT of PLACE. */
static void see(struct weak_memory *memory, unsigned thread, unsigned place, uint8_t at, enum order order)
{
    const struct weak_view *view =
        place < WEAK_LOADED ? &memory->stores[place][at].view : &memory->only[place - WEAK_LOADED].view;
    join(acquires(order) ? &memory->threads[thread].now : &memory->threads[thread].unfenced, view);
    memory->threads[thread].now.at[place] = at;
}

static void check_loads(const struct act *act, unsigned place)
{
    if (!may_load(act, act->thread, place))
        act_violate(act, "the model's thread loads what it was said not to load");
}

static uint8_t oldest_seen(const struct act *act, unsigned place, enum order order)
{
    const struct weak_memory *memory = act_memory(act);
    uint8_t oldest = memory->threads[act->thread].now.at[place], sequential = memory->sequential.at[place];
    return order == SEQ_CST && sequential > oldest ? sequential : oldest;
}

bool weak_load(const struct act *act, unsigned place, enum order order, uint8_t *value)
{
    struct weak_memory *memory = act_memory(act);
    check_loads(act, place);
    uint8_t oldest = oldest_seen(act, place, order), newest = memory->newest[place];
    if (act->choice > (unsigned)(newest - oldest))
        return false;
    uint8_t at = (uint8_t)(newest - act->choice);
    *value = memory->stores[place][at].value;
    see(memory, act->thread, place, at, order);
    return true;
}

bool weak_await(const struct act *act, unsigned place, enum order order, uint8_t value)
{
    struct weak_memory *memory = act_memory(act);
    unsigned wanted = act->choice;
    check_loads(act, place);
    for (int at = memory->newest[place]; at >= oldest_seen(act, place, order); at--) {
        if (memory->stores[place][at].value == value && wanted-- == 0) {
            see(memory, act->thread, place, (uint8_t)at, order);
            return true;
        }
    }
    return false;
}

uint8_t weak_newest(const struct act *act, unsigned place)
{
    return weak_value(act_memory(act), place);
}

/* Where the next store of PLACE goes; NULL where there is no room. */
static struct weak_store *next_store(struct weak_memory *memory, unsigned place)
{
    if (place >= WEAK_LOADED) {
        forget(memory, place, memory->newest[place]);
        memory->newest[place] = 1;
        return &memory->only[place - WEAK_LOADED];
    }
    return memory->newest[place] + 1 < WEAK_DEPTH ? &memory->stores[place][++memory->newest[place]] : NULL;
}

/* Appends a store of VALUE with VIEW, that of a store which it continues, and what the thread releases. */
static void append(const struct act *act, unsigned place, enum order order, uint8_t value, struct weak_view view)
{
    struct weak_memory *memory = act_memory(act);
    struct weak_store *store = next_store(memory, place);
    if (store == NULL) {
        act_violate(act, "the model remembers too few stores");
        return;
    }
    uint8_t at = memory->newest[place];
    memory->threads[act->thread].now.at[place] = at;
    join(&view, releases(order) ? &memory->threads[act->thread].now : &memory->threads[act->thread].at_fence);
    view.at[place] = at;
    *store = (struct weak_store){value, view};
    if (order == SEQ_CST)
        memory->sequential.at[place] = at;
}

void weak_store(const struct act *act, unsigned place, enum order order, uint8_t value)
{
    append(act, place, order, value, (struct weak_view){{0}});
}

uint8_t weak_exchange(const struct act *act, unsigned place, enum order order, uint8_t value)
{
    struct weak_memory *memory = act_memory(act);
    struct weak_store before = *newest_store(memory, place);
    see(memory, act->thread, place, memory->newest[place], order);
    append(act, place, order, value, before.view);
    return before.value;
}

void weak_fence(const struct act *act, enum order order)
{
    struct weak_memory *memory = act_memory(act);
    if (acquires(order))
        join(&memory->threads[act->thread].now, &memory->threads[act->thread].unfenced);
    if (order == SEQ_CST) {
        join(&memory->threads[act->thread].now, &memory->sequential);
        memory->sequential = memory->threads[act->thread].now;
    }
    if (releases(order))
        memory->threads[act->thread].at_fence = memory->threads[act->thread].now;
}

/* ---- what is no atomic ---- */

static void check_race(const struct act *act, unsigned place)
{
    const struct weak_memory *memory = act_memory(act);
    if (memory->threads[act->thread].now.at[place] != memory->newest[place])
        act_violate(act, "a data race: another thread's write has not happened before");
}

uint8_t weak_read(const struct act *act, unsigned place)
{
    check_race(act, place);
    return weak_newest(act, place);
}

void weak_write(const struct act *act, unsigned place, uint8_t value)
{
    check_race(act, place);
    weak_store(act, place, RELAXED, value);
}

/* ---- locks ---- */

bool weak_lock(const struct act *act, unsigned place)
{
    if (weak_newest(act, place) != 0)
        return false;
    weak_exchange(act, place, ACQUIRE, 1);
    return true;
}

void weak_unlock(const struct act *act, unsigned place)
{
    weak_store(act, place, RELEASE, 0);
}
