/* SPDX-License-Identifier: MIT */
/*
 * The moves of the remote-free protocol. See protocol.h; nothing is below this file.
 *
 * Rights. The owner-only fields of a slab may be touched by the thread of the heap that owns the slab, and when that
 * heap is idle by whoever holds the registry lock. The lock guards: a heap's becoming idle, its takeover, collecting
 * for it, and taking slabs away from it. slab->heap changes in no other way than adoption (lock held, former owner
 * idle), release (by who may touch the owner-only fields) and reuse of what was released.
 */
#include "tests/model/protocol.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The atomic operation that an agent does next. */
enum step {
    REST,
    MARK,            /* fetch_or the batch's second word */
    SIGN,            /* fetch_add remote_count */
    TOUCH,           /* only when broken: read the slab after the last permitted touch */
    FIND_HEAP,       /* load slab->heap */
    READ_HEAD,       /* load heap->pending, store it to slab->pending_next */
    PUSH,            /* compare-and-swap heap->pending */
    CHECK_IDLE,      /* load heap->idle */
    LOCK,            /* the registry */
    RECHECK_IDLE,    /* load idle of a heap that is to be looked after */
    TAKE_LIST,       /* exchange heap->pending */
    POP,             /* load pending_next and slab->heap of the list's first slab */
    TAKE_COUNT,      /* exchange remote_count */
    TAKE_FIRST_WORD, /* exchange a remote word */
    TAKE_SECOND_WORD,
    RELEASE,       /* store NULL to slab->heap, give the slab to the pool */
    SET_IDLE,      /* store 1 to heap->idle */
    RELEASE_EMPTY, /* release what is empty of a heap that becomes idle */
    CLEAR_IDLE,    /* store 0 to heap->idle */
    ADOPT,         /* store the new owner to slab->heap */
    UNLOCK,
};

enum errand { LOOK_AFTER, END_THREAD, TAKE_OVER, ADOPT_SLAB };

/* One move that is being made: its world, and where it is written. */
struct context {
    const struct configuration *configuration;
    enum breakage breakage;
    const struct state *before;
    bool explain;
    struct move *moves;
    size_t count;
};

static struct slab *slab_of(struct state *state, uint8_t slab)
{
    return &state->slabs[slab - 1];
}

static struct heap *heap_of(struct state *state, uint8_t heap)
{
    return &state->heaps[heap - 1];
}

static uint8_t popcount(uint8_t bits)
{
    return (uint8_t)__builtin_popcount(bits);
}

static uint8_t heap_bit(uint8_t heap)
{
    return (uint8_t)(1u << (heap - 1));
}

static uint8_t word_mask(unsigned word)
{
    return (uint8_t)(((1u << OBJECTS_PER_WORD) - 1) << (word * OBJECTS_PER_WORD));
}

/* The heap whose thread an agent is; 0 for a freer. */
static uint8_t own_heap(size_t agent)
{
    return agent < MAX_FREERS ? 0 : (uint8_t)(agent - MAX_FREERS + 1);
}

static struct state *after(struct move *move)
{
    return move->after;
}

static struct move *new_move(struct context *context, size_t agent)
{
    struct move *move = &context->moves[context->count++];
    *after(move) = *context->before;
    move->violation = NULL;
    move->agent = (uint8_t)agent;
    move->text[0] = '\0';
    return move;
}

__attribute__((format(printf, 3, 4))) static void explain(const struct context *context, struct move *move,
                                                          const char *format, ...)
{
    if (!context->explain) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(move->text, sizeof move->text, format, arguments);
    va_end(arguments);
}

static void violate(struct move *move, const char *rule)
{
    if (move->violation == NULL) {
        move->violation = rule;
    }
}

static void check_touch(struct move *move, const struct agent *agent)
{
    if (agent->stale) {
        violate(move, "a slab is touched after it was released");
    }
}

static void check_rights(struct move *move, const struct slab *slab, size_t agent)
{
    const struct state *state = after(move);
    bool idle = slab->heap != 0 && state->heaps[slab->heap - 1].idle;
    bool allowed = slab->heap != 0 && (idle ? state->agents[agent].holds_lock : own_heap(agent) == slab->heap);
    if (!allowed) {
        violate(move, "owner-only fields of a slab are touched by somebody else");
    }
}

static bool is_full(const struct context *context, const struct slab *slab)
{
    return slab->local == context->configuration->objects;
}

static bool is_releasable(const struct context *context, const struct slab *slab)
{
    return is_full(context, slab) && (slab->owed == 0 || context->breakage == BREAK_RELEASE_BY_BITS);
}

static void release(struct move *move, uint8_t number, size_t releaser)
{
    struct slab *slab = slab_of(after(move), number);
    check_rights(move, slab, releaser);
    if (slab->listed) {
        violate(move, "a slab is released while it is in a list");
    }
    slab->heap = 0;
    for (size_t i = 0; i < MAX_AGENTS; i++) {
        struct agent *agent = &after(move)->agents[i];
        if (i != releaser && agent->slab == number) {
            agent->stale = 1;
        }
    }
}

static void put_down_slab(struct agent *agent)
{
    agent->slab = 0;
    agent->stale = 0;
}

/* What an agent does when a slab is dealt with: the rest of its list, the heaps it has to look after, its errand, or
 * nothing. */
static void go_on(struct agent *agent)
{
    put_down_slab(agent);
    agent->heap = agent->head = agent->signatures = agent->bits = 0;
    if (agent->list != 0) {
        agent->step = POP;
        return;
    }
    agent->collected = 0;
    if (agent->look_after != 0) {
        agent->step = agent->holds_lock ? RECHECK_IDLE : LOCK;
    } else if (!agent->holds_lock) {
        agent->step = REST;
    } else if (agent->errand == END_THREAD) {
        agent->step = RELEASE_EMPTY;
    } else if (agent->errand == ADOPT_SLAB) {
        agent->step = ADOPT;
    } else {
        agent->step = UNLOCK;
    }
}

static void collect(struct agent *agent, uint8_t heap)
{
    agent->collected = heap;
    agent->step = TAKE_LIST;
}

/* ---- freeing from outside ---- */

static void mark_word(struct context *context, struct move *move, struct agent *agent)
{
    struct slab *slab = slab_of(after(move), agent->slab);
    uint8_t word = agent->objects & word_mask(0) ? word_mask(0) : word_mask(1);
    uint8_t bits = agent->objects & word;
    check_touch(move, agent);
    if (slab->remote & bits) {
        violate(move, "an object is marked twice");
    }
    slab->remote |= bits;
    agent->objects &= (uint8_t)~bits;
    agent->step = agent->objects ? MARK : SIGN;
    explain(context, move, "fetch_or: marks objects %#x of S%d", bits, agent->slab);
}

static void begin_batch(struct context *context, size_t number, uint8_t slab, uint8_t objects)
{
    struct move *move = new_move(context, number);
    struct agent *agent = &after(move)->agents[number];
    agent->batches--;
    agent->slab = slab;
    agent->objects = objects;
    agent->batch = popcount(objects);
    slab_of(after(move), slab)->in_use &= (uint8_t)~objects;
    mark_word(context, move, agent);
}

static void begin_batches(struct context *context, size_t number)
{
    if (context->before->agents[number].batches == 0) {
        return;
    }
    for (uint8_t slab = 1; slab <= context->configuration->slabs; slab++) {
        uint8_t in_use = context->before->slabs[slab - 1].in_use;
        for (uint8_t objects = in_use; objects != 0; objects = (uint8_t)((objects - 1) & in_use)) {
            begin_batch(context, number, slab, objects);
        }
    }
}

static void sign(struct context *context, struct move *move, struct agent *agent)
{
    struct slab *slab = slab_of(after(move), agent->slab);
    uint8_t old = slab->count;
    check_touch(move, agent);
    slab->count = (uint8_t)(old + agent->batch);
    explain(context, move, "fetch_add: signs %d of S%d, count was %d%s", agent->batch, agent->slab, old,
            old ? "" : ": has to announce");
    agent->batch = 0;
    if (old == 0 || context->breakage == BREAK_ALWAYS_ANNOUNCE) {
        agent->step = FIND_HEAP;
    } else if (context->breakage == BREAK_TOUCH_AFTER_SIGNING) {
        agent->step = TOUCH;
    } else {
        go_on(agent);
    }
}

/* ---- pushing a slab onto the list of its heap: for who announces it and for who passes it on ---- */

static void find_heap(struct context *context, struct move *move, struct agent *agent)
{
    check_touch(move, agent);
    agent->heap = slab_of(after(move), agent->slab)->heap;
    agent->step = READ_HEAD;
    explain(context, move, "load: S%d belongs to H%d", agent->slab, agent->heap);
    if (agent->heap == 0) {
        violate(move, "an announced slab has no owner");
    }
}

static void read_head(struct context *context, struct move *move, struct agent *agent)
{
    check_touch(move, agent);
    agent->head = heap_of(after(move), agent->heap)->pending;
    slab_of(after(move), agent->slab)->pending_next = agent->head;
    agent->step = PUSH;
    explain(context, move, "load: the list of H%d begins with S%d, becomes next of S%d", agent->heap, agent->head,
            agent->slab);
}

static void push(struct context *context, struct move *move, struct agent *agent)
{
    struct heap *heap = heap_of(after(move), agent->heap);
    struct slab *slab = slab_of(after(move), agent->slab);
    bool passing_on = agent->collected != 0;
    check_touch(move, agent);
    if (heap->pending != agent->head) {
        explain(context, move, "compare-and-swap: the list of H%d has changed", agent->heap);
        agent->step = READ_HEAD;
        return;
    }
    explain(context, move, "compare-and-swap: %s S%d on the list of H%d", passing_on ? "passes on, puts" : "puts",
            agent->slab, agent->heap);
    if (slab->listed) {
        violate(move, "a slab is put into a list while it is in one");
    }
    slab->listed = 1;
    heap->pending = agent->slab;
    agent->head = 0;
    agent->step = CHECK_IDLE;
    if (context->breakage == (passing_on ? BREAK_FORWARD_UNCHECKED : BREAK_NO_IDLE_CHECK)) {
        go_on(agent);
    } else if (context->breakage == BREAK_TOUCH_AFTER_PUSH) {
        agent->step = TOUCH;
    } else {
        put_down_slab(agent);
    }
}

static void touch(struct context *context, struct move *move, struct agent *agent)
{
    check_touch(move, agent);
    explain(context, move, "load: reads S%d once more", agent->slab);
    if (agent->heap == 0) {
        go_on(agent);
        return;
    }
    put_down_slab(agent);
    agent->step = CHECK_IDLE;
}

static void check_idle(struct context *context, struct move *move, struct agent *agent)
{
    bool idle = heap_of(after(move), agent->heap)->idle;
    explain(context, move, "load: H%d is %s", agent->heap, idle ? "idle" : "held by a thread");
    if (idle) {
        agent->look_after |= heap_bit(agent->heap);
    }
    go_on(agent);
}

static void recheck_idle(struct context *context, struct move *move, struct agent *agent)
{
    uint8_t heap = (uint8_t)(__builtin_ctz(agent->look_after) + 1);
    bool idle = heap_of(after(move), heap)->idle;
    explain(context, move, "load: H%d is %s", heap, idle ? "still idle" : "held by a thread by now");
    agent->look_after &= (uint8_t)~heap_bit(heap);
    if (idle || context->breakage == BREAK_NO_IDLE_RECHECK) {
        collect(agent, heap);
    } else {
        go_on(agent);
    }
}

/* ---- collecting ---- */

static void take_list(struct context *context, struct move *move, struct agent *agent)
{
    struct heap *heap = heap_of(after(move), agent->collected);
    agent->list = heap->pending;
    heap->pending = 0;
    explain(context, move, "exchange: takes the list of H%d, which begins with S%d", agent->collected, agent->list);
    go_on(agent);
}

static void pop(struct context *context, struct move *move, struct agent *agent)
{
    agent->slab = agent->list;
    struct slab *slab = slab_of(after(move), agent->slab);
    bool foreign = slab->heap != agent->collected;
    explain(context, move, "load: S%d is next, belongs to H%d", agent->slab, slab->heap);
    if (slab->heap == 0) {
        violate(move, "a released slab is in a list");
    }
    if (!slab->listed) {
        violate(move, "a list is walked that is not a list any more");
    }
    slab->listed = 0;
    if (context->breakage != BREAK_NEXT_READ_LATE || foreign) {
        agent->list = slab->pending_next;
    }
    if (foreign && context->breakage != BREAK_COLLECT_FOREIGN && context->breakage != BREAK_NO_FORWARD) {
        agent->heap = slab->heap;
        agent->step = READ_HEAD;
    } else {
        agent->step = context->breakage == BREAK_BITS_BEFORE_COUNT ? TAKE_FIRST_WORD : TAKE_COUNT;
    }
}

static void settle(struct context *context, struct move *move, struct agent *agent)
{
    struct slab *slab = slab_of(after(move), agent->slab);
    slab->owed = (int8_t)(slab->owed + agent->bits - agent->signatures);
    if (slab->owed < 0) {
        violate(move, "owed is negative");
    }
    if (context->breakage == BREAK_NEXT_READ_LATE) {
        agent->list = slab->pending_next;
    }
    if (agent->holds_lock && is_releasable(context, slab)) {
        agent->step = RELEASE;
        agent->bits = agent->signatures = 0;
    } else {
        go_on(agent);
    }
}

static void take_count(struct context *context, struct move *move, struct agent *agent)
{
    struct slab *slab = slab_of(after(move), agent->slab);
    agent->signatures = slab->count;
    slab->count = 0;
    explain(context, move, "exchange: takes %d signatures of S%d", agent->signatures, agent->slab);
    if (context->breakage == BREAK_NO_FORWARD && slab->heap != agent->collected) {
        go_on(agent);
        return;
    }
    if (context->breakage == BREAK_BITS_BEFORE_COUNT) {
        settle(context, move, agent);
    } else {
        agent->step = TAKE_FIRST_WORD;
    }
}

static void take_word(struct context *context, struct move *move, struct agent *agent, unsigned word)
{
    struct slab *slab = slab_of(after(move), agent->slab);
    uint8_t bits = slab->remote & word_mask(word);
    check_touch(move, agent);
    check_rights(move, slab, move->agent);
    if (slab->local & bits) {
        violate(move, "an object is given back twice");
    }
    slab->remote &= (uint8_t)~bits;
    slab->local |= bits;
    agent->bits = (uint8_t)(agent->bits + popcount(bits));
    explain(context, move, "exchange: takes objects %#x of S%d", bits, agent->slab);
    if (word == 0) {
        agent->step = TAKE_SECOND_WORD;
    } else if (context->breakage == BREAK_BITS_BEFORE_COUNT) {
        agent->step = TAKE_COUNT;
    } else {
        settle(context, move, agent);
    }
}

static void release_in_hand(struct context *context, struct move *move, struct agent *agent)
{
    explain(context, move, "store: releases S%d", agent->slab);
    release(move, agent->slab, move->agent);
    go_on(agent);
}

/* ---- the registry lock and what is done under it ---- */

static void lock(struct context *context, struct move *move, struct agent *agent)
{
    uint8_t own = own_heap(move->agent);
    explain(context, move, "locks the registry");
    if (agent->holds_lock) {
        violate(move, "a thread waits for a lock that it holds");
    }
    after(move)->locked = 1;
    agent->holds_lock = 1;
    if (agent->errand == END_THREAD) {
        agent->step = SET_IDLE;
        if (context->breakage == BREAK_IDLE_SET_LATE) {
            collect(agent, own);
        }
    } else if (agent->errand == TAKE_OVER) {
        agent->step = CLEAR_IDLE;
    } else if (agent->errand == ADOPT_SLAB) {
        agent->look_after |= heap_bit(agent->from);
        agent->step = RECHECK_IDLE;
        if (context->breakage == BREAK_ADOPT_UNCOLLECTED) {
            agent->look_after &= (uint8_t)~heap_bit(agent->from);
            agent->step = ADOPT;
        }
    } else {
        agent->step = RECHECK_IDLE;
    }
}

static void unlock(struct context *context, struct move *move, struct agent *agent)
{
    explain(context, move, "unlocks the registry");
    after(move)->locked = 0;
    agent->holds_lock = agent->errand = agent->from = 0;
    agent->step = REST;
}

/* The heap's thread ends. Idle is set before the last collecting: whoever pushes later sees it set and collects for the
 * heap. */
static void set_idle(struct context *context, struct move *move, struct agent *agent)
{
    uint8_t own = own_heap(move->agent);
    explain(context, move, "store: H%d becomes idle", own);
    heap_of(after(move), own)->idle = 1;
    if (context->breakage == BREAK_IDLE_SET_LATE) {
        agent->step = UNLOCK;
    } else {
        collect(agent, own);
    }
}

static void release_empty(struct context *context, struct move *move, struct agent *agent)
{
    uint8_t own = own_heap(move->agent);
    for (uint8_t i = 1; i <= context->configuration->slabs; i++) {
        struct slab *slab = slab_of(after(move), i);
        if (slab->heap == own && is_releasable(context, slab)) {
            explain(context, move, "store: releases S%d, which is empty", i);
            release(move, i, move->agent);
            return;
        }
    }
    explain(context, move, "has released all empty slabs");
    agent->step = context->breakage == BREAK_IDLE_SET_LATE ? SET_IDLE : UNLOCK;
}

static void clear_idle(struct context *context, struct move *move, struct agent *agent)
{
    uint8_t own = own_heap(move->agent);
    explain(context, move, "store: H%d is taken over by a new thread", own);
    heap_of(after(move), own)->idle = 0;
    agent->step = UNLOCK;
}

static void adopt(struct context *context, size_t number)
{
    const struct agent *adopter = &context->before->agents[number];
    bool idle = context->before->heaps[adopter->from - 1].idle;
    for (uint8_t slab = 1; idle && slab <= context->configuration->slabs; slab++) {
        if (context->before->slabs[slab - 1].heap != adopter->from) {
            continue;
        }
        struct move *move = new_move(context, number);
        explain(context, move, "store: S%d of H%d belongs to H%d now", slab, adopter->from, own_heap(number));
        slab_of(after(move), slab)->heap = own_heap(number);
        after(move)->agents[number].step = UNLOCK;
    }
    struct move *none = new_move(context, number);
    explain(context, none, "adopts nothing");
    after(none)->agents[number].step = UNLOCK;
}

/* ---- what the thread of a heap may begin ---- */

static void begin_collect(struct context *context, size_t number)
{
    struct move *move = new_move(context, number);
    struct agent *agent = &after(move)->agents[number];
    collect(agent, own_heap(number));
    take_list(context, move, agent);
}

static void begin_errand(struct context *context, size_t number, enum errand errand, uint8_t from)
{
    if (context->before->locked) {
        return;
    }
    struct move *move = new_move(context, number);
    struct agent *agent = &after(move)->agents[number];
    agent->errand = (uint8_t)errand;
    agent->from = from;
    if (errand == END_THREAD) {
        after(move)->ends--;
    } else if (errand == TAKE_OVER) {
        after(move)->takeovers--;
    } else {
        after(move)->adoptions--;
    }
    lock(context, move, agent);
}

static void allocate(struct context *context, size_t number, uint8_t slab_number)
{
    struct move *move = new_move(context, number);
    struct slab *slab = slab_of(after(move), slab_number);
    uint8_t object = (uint8_t)(slab->local & -slab->local);
    check_rights(move, slab, number);
    slab->local &= (uint8_t)~object;
    slab->in_use |= object;
    after(move)->allocations--;
    explain(context, move, "allocates object %#x of S%d", object, slab_number);
}

static void free_locally(struct context *context, size_t number, uint8_t slab_number, uint8_t object)
{
    struct move *move = new_move(context, number);
    struct slab *slab = slab_of(after(move), slab_number);
    check_rights(move, slab, number);
    slab->in_use &= (uint8_t)~object;
    slab->local |= object;
    after(move)->local_frees--;
    explain(context, move, "frees its own object %#x of S%d", object, slab_number);
}

static void release_at_rest(struct context *context, size_t number, uint8_t slab_number)
{
    struct move *move = new_move(context, number);
    explain(context, move, "store: releases S%d", slab_number);
    release(move, slab_number, number);
}

/* The pool's slab gets a new life, all of its objects in use at once. The remote words and the count are as the last
 * life left them. */
static void reuse(struct context *context, size_t number, uint8_t slab_number)
{
    struct move *move = new_move(context, number);
    struct slab *slab = slab_of(after(move), slab_number);
    slab->heap = own_heap(number);
    slab->owed = 0;
    slab->local = 0;
    slab->in_use = context->configuration->objects;
    after(move)->reuses--;
    explain(context, move, "store: takes S%d from the pool, for H%d", slab_number, slab->heap);
}

static void begin_with_slab(struct context *context, size_t number, uint8_t slab_number)
{
    const struct state *before = context->before;
    const struct slab *slab = &before->slabs[slab_number - 1];
    if (slab->heap == 0 && before->reuses) {
        reuse(context, number, slab_number);
    }
    if (slab->heap != own_heap(number)) {
        return;
    }
    if (slab->local && before->allocations) {
        allocate(context, number, slab_number);
    }
    for (uint8_t object = 1; before->local_frees && object < 1u << MAX_OBJECTS; object = (uint8_t)(object << 1)) {
        if (slab->in_use & object) {
            free_locally(context, number, slab_number, object);
        }
    }
    if (is_releasable(context, slab)) {
        release_at_rest(context, number, slab_number);
    }
}

static void begin_as_owner(struct context *context, size_t number)
{
    const struct state *before = context->before;
    uint8_t own = own_heap(number);
    if (own > context->configuration->heaps) {
        return;
    }
    if (before->heaps[own - 1].idle) {
        if (before->takeovers) {
            begin_errand(context, number, TAKE_OVER, 0);
        }
        return;
    }
    if (before->heaps[own - 1].pending) {
        begin_collect(context, number);
    }
    for (uint8_t slab = 1; slab <= context->configuration->slabs; slab++) {
        begin_with_slab(context, number, slab);
    }
    if (before->ends) {
        begin_errand(context, number, END_THREAD, 0);
    }
    for (uint8_t from = 1; before->adoptions && from <= context->configuration->heaps; from++) {
        if (before->heaps[from - 1].idle) {
            begin_errand(context, number, ADOPT_SLAB, from);
        }
    }
}

/* ---- all together ---- */

static void begin_something(struct context *context, size_t number)
{
    if (own_heap(number) == 0) {
        begin_batches(context, number);
    } else {
        begin_as_owner(context, number);
    }
}

static void continue_step(struct context *context, size_t number)
{
    struct move *move = new_move(context, number);
    struct agent *agent = &after(move)->agents[number];
    switch ((enum step)agent->step) {
    case MARK:
        mark_word(context, move, agent);
        break;
    case SIGN:
        sign(context, move, agent);
        break;
    case TOUCH:
        touch(context, move, agent);
        break;
    case FIND_HEAP:
        find_heap(context, move, agent);
        break;
    case READ_HEAD:
        read_head(context, move, agent);
        break;
    case PUSH:
        push(context, move, agent);
        break;
    case CHECK_IDLE:
        check_idle(context, move, agent);
        break;
    case LOCK:
        lock(context, move, agent);
        break;
    case RECHECK_IDLE:
        recheck_idle(context, move, agent);
        break;
    case TAKE_LIST:
        take_list(context, move, agent);
        break;
    case POP:
        pop(context, move, agent);
        break;
    case TAKE_COUNT:
        take_count(context, move, agent);
        break;
    case TAKE_FIRST_WORD:
        take_word(context, move, agent, 0);
        break;
    case TAKE_SECOND_WORD:
        take_word(context, move, agent, 1);
        break;
    case RELEASE:
        release_in_hand(context, move, agent);
        break;
    case SET_IDLE:
        set_idle(context, move, agent);
        break;
    case RELEASE_EMPTY:
        release_empty(context, move, agent);
        break;
    case CLEAR_IDLE:
        clear_idle(context, move, agent);
        break;
    case UNLOCK:
        unlock(context, move, agent);
        break;
    case REST:
    /* have several moves, see moves_of */
    case ADOPT:
        break;
    }
}

static void moves_of(struct context *context, size_t number)
{
    const struct agent *agent = &context->before->agents[number];
    if (agent->step == REST) {
        begin_something(context, number);
    } else if (agent->step == ADOPT) {
        adopt(context, number);
    } else if (agent->step != LOCK || !context->before->locked || agent->holds_lock) {
        continue_step(context, number);
    }
}

size_t protocol_moves(const struct configuration *configuration, enum breakage breakage, const struct state *state,
                      bool explain_moves, struct move moves[MAX_MOVES])
{
    struct context context = {configuration, breakage, state, explain_moves, moves, 0};
    for (size_t i = 0; i < MAX_AGENTS; i++) {
        moves_of(&context, i);
    }
    return context.count;
}

bool protocol_is_busy(const struct state *state)
{
    for (size_t i = 0; i < MAX_AGENTS; i++) {
        if (state->agents[i].step != REST) {
            return true;
        }
    }
    return false;
}

/* ---- nothing may be lost ---- */

/* Lets one thread, alone, collect its heap to the end. */
static const char *collect_alone(const struct configuration *configuration, enum breakage breakage, struct state *state,
                                 size_t number)
{
    struct state next;
    struct move move = {.after = &next};
    struct context context = {configuration, breakage, state, false, &move, 0};
    begin_collect(&context, number);
    while (move.violation == NULL && next.agents[number].step != REST) {
        *state = next;
        context.count = 0;
        continue_step(&context, number);
    }
    *state = next;
    return move.violation;
}

static const char *check_slab(const struct configuration *configuration, const struct state *state,
                              const struct slab *slab)
{
    if (slab->heap == 0) {
        return slab->remote || slab->count || slab->listed ? "a released slab has marks, signatures or is in a list"
                                                           : NULL;
    }
    if (slab->listed) {
        return "a slab stays in a list that nobody collects";
    }
    if (slab->remote || slab->count || (slab->local | slab->in_use) != configuration->objects ||
        (slab->local & slab->in_use)) {
        return "a freed object is lost";
    }
    if (slab->owed != 0) {
        return "signatures are owed that never come";
    }
    if (state->heaps[slab->heap - 1].idle && slab->local == configuration->objects) {
        return "an idle heap keeps an empty slab";
    }
    return NULL;
}

const char *protocol_check_rest(const struct configuration *configuration, enum breakage breakage,
                                const struct state *state)
{
    struct state last = *state;
    /* A slab may be passed on once for each other heap. */
    for (size_t round = 0; round < configuration->heaps; round++) {
        for (size_t i = 0; i < configuration->heaps; i++) {
            if (last.heaps[i].idle || last.heaps[i].pending == 0) {
                continue;
            }
            const char *violation = collect_alone(configuration, breakage, &last, MAX_FREERS + i);
            if (violation != NULL) {
                return violation;
            }
        }
    }
    for (size_t i = 0; i < configuration->slabs; i++) {
        const char *violation = check_slab(configuration, &last, &last.slabs[i]);
        if (violation != NULL) {
            return violation;
        }
    }
    return NULL;
}
