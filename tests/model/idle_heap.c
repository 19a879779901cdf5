/* SPDX-License-Identifier: MIT */
/*
 * The life of a heap by the memory orders of the code: a thread frees a block of a slab whose heap becomes idle, is
 * kept with the blocks in its stack, is taken over, or loses the slab to another heap. protocol.h has the same protocol
 * with more heaps, slabs and threads, and all operations in one order; this one has few, and each load sees what C11
 * lets it see (weak.h): it finds an order that is too weak.
 *
 * One slab of three blocks. The program has the first two, and each of two threads frees one. The third is in the stack
 * of H1, the slab's heap. The heap's thread ends, by registry_give or registry_keep, and a new one takes over; the
 * thread of H2 adopts, or takes the kept heap to empty it (detach_reclaim). Below it: weak.h, suite.h.
 */
#include "tests/model/suite.h"
#include "tests/model/weak.h"

#include <stdio.h>

enum breakage {
    BREAK_NOTHING,
    BREAK_FREE_RELAXED,    /* marks and signs without release: what the freer did with the block is not over */
    BREAK_SIGN_RELAXED,    /* who sees a signature need not see the mark */
    BREAK_COUNT_RELAXED,   /* the same, on the owner's side */
    BREAK_PUSH_RELAXED,    /* the link of an announced slab need not be seen */
    BREAK_TAKE_RELAXED,    /* the same, on the owner's side */
    BREAK_IDLE_UNORDERED,  /* neither the push nor the look at the idle flag acquires */
    BREAK_IDLE_RELAXED,    /* the flag itself is relaxed, the push is not: harmless, the push is order enough */
    BREAK_IDLE_LATE,       /* the heap collects first and becomes idle afterwards */
    BREAK_NO_RECHECK,      /* with the lock held, the flag is not looked at again */
    BREAK_NO_LOCK,         /* who finds the heap idle collects for it without the lock */
    BREAK_STAYS_IDLE,      /* who takes the heap over leaves the flag set */
    BREAK_ADOPT_KEPT,      /* slabs of a kept heap are adopted as well */
    BREAK_ADOPT_RELAXED,   /* the new owner is stored relaxed: harmless here, as the lock and the lists order it */
    BREAK_ADOPT_UNPENDING, /* adoption leaves the announced slab in the other list, and nobody passes it on */
    BREAKAGES
};

/* The slab and its heaps, in memory. */
enum place {
    PENDING1, /* the lists: 1 while the slab is in one */
    PENDING2,
    IDLE1,
    HEAP,                /* slab->heap: 1 or 2 */
    BITS,                /* slab->remote_bits */
    COUNT = WEAK_LOADED, /* slab->remote_count */
    OWN,   /* no atomic: what the owner alone touches, free blocks and, from OWED on, how many signatures are owed */
    NEXT,  /* no atomic: slab->pending_next */
    DATA0, /* no atomic: the program's two blocks */
    DATA1,
    LOCK, /* the registry's */
};
_Static_assert((int)LOCK < (int)WEAK_PLACES, "all places are there");

enum { FREERS = 2, H1 = FREERS, H2, AGENTS };
enum { MOST_MOVES = 32 };
enum { ALL_BLOCKS = 0x7, IN_STACK = 0x4, OWED = 0x8 };

/* What an agent does next. */
enum step {
    REST,
    MARK,
    SIGN,
    FIND_HEAP,
    READ_HEAD,
    PUSH,
    CHECK_IDLE,
    TAKE_LOCK,
    RECHECK,
    TAKE_LIST,
    FOLLOW,
    FIND_OWNER,
    TAKE_COUNT,
    LOOK_AT_BITS,
    TAKE_BITS,
    DRAIN,
    SET_IDLE,
    CLEAR_IDLE,
    LOOK_AT_PENDING,
    ADOPT,
    UNLOCK,
    DONE,
    STEPS
};

/* What the lock is wanted for. */
enum errand { NONE, LOOK_AFTER, GIVE, KEEP, TAKE, ADOPT_SLAB, TAKE_KEPT };

struct agent {
    uint8_t step, errand;
    uint8_t collected; /* the heap that is being collected, 1 or 2; 0 for none */
    uint8_t heap;      /* of the list that is pushed to */
    uint8_t head;      /* what was read of that list */
    uint8_t signatures;
    uint8_t unused[2];
};

struct state {
    struct weak_memory memory;
    struct agent agents[AGENTS];
    uint8_t holder;   /* under the lock: of H1, a thread's number and one; 0 while it is idle */
    uint8_t kept;     /* under the lock: an idle H1 is kept, else it is in the list of idle heaps */
    uint8_t stack;    /* of H1: blocks in it */
    uint8_t released; /* ghost: the slab is the pool's */
    uint8_t ends, takes, adoptions, allocations;
    uint8_t unused[(8 - (sizeof(struct weak_memory) + sizeof(struct agent) * AGENTS + 8) % 8) % 8];
};
_Static_assert(sizeof(struct state) % sizeof(uint64_t) == 0, "states are hashed by words of 64 bits");

struct configuration {
    uint8_t ends, takes, adoptions, allocations;
};

static struct state *state_of(const struct act *act)
{
    return act->move->after;
}

static struct agent *self(const struct act *act)
{
    return &state_of(act)->agents[act->thread];
}

static bool go_on(const struct act *act, enum step step)
{
    self(act)->step = (uint8_t)step;
    if (step == DONE)
        weak_end(act);
    return true;
}

/* The order of an operation: the code's own, or a weaker one. */
static enum order order(const struct act *act, enum breakage breakage, enum order weaker, enum order own)
{
    return act->breakage == (unsigned)breakage ? weaker : own;
}

static bool only(const struct act *act)
{
    return act->choice == 0;
}

static unsigned pending(uint8_t heap)
{
    return heap == 1 ? PENDING1 : PENDING2;
}

static void check_released(const struct act *act)
{
    if (state_of(act)->released)
        act_violate(act, "a slab is touched after it was released");
}

/* ---- freeing from outside ---- */

static bool begin_free(struct act *act)
{
    unsigned data = act->thread == 0 ? DATA0 : DATA1;
    act_explain(act, "writes to its block, for the last time");
    weak_write(act, data, 1);
    return go_on(act, MARK);
}

static bool mark(struct act *act)
{
    uint8_t bits = weak_newest(act, BITS), bit = (uint8_t)(1u << act->thread);
    check_released(act);
    act_explain(act, "fetch_or: marks block %#x", bit);
    weak_exchange(act, BITS, order(act, BREAK_FREE_RELAXED, RELAXED, RELEASE), bits | bit);
    return go_on(act, SIGN);
}

static bool sign(struct act *act)
{
    uint8_t count = weak_newest(act, COUNT);
    bool relaxed = act->breakage == BREAK_FREE_RELAXED || act->breakage == BREAK_SIGN_RELAXED;
    check_released(act);
    act_explain(act, "fetch_add: signs, the count was %d", count);
    weak_exchange(act, COUNT, relaxed ? RELAXED : ACQ_REL, (uint8_t)(count + 1));
    return go_on(act, count == 0 ? FIND_HEAP : DONE);
}

static bool find_heap(struct act *act)
{
    uint8_t heap;
    if (!weak_load(act, HEAP, ACQUIRE, &heap))
        return false;
    check_released(act);
    act_explain(act, "load: the slab belongs to H%d", heap);
    self(act)->heap = heap;
    return go_on(act, READ_HEAD);
}

static bool read_head(struct act *act)
{
    struct agent *agent = self(act);
    if (!weak_load(act, pending(agent->heap), RELAXED, &agent->head))
        return false;
    check_released(act);
    act_explain(act, "load: the list of H%d begins with %s, becomes next", agent->heap, agent->head ? "it" : "nothing");
    weak_write(act, NEXT, agent->head);
    return go_on(act, PUSH);
}

/* Nobody has to look after H2, which has its thread all the time; and with the lock held H1 is looked after later. */
static bool push(struct act *act)
{
    struct agent *agent = self(act);
    unsigned list = pending(agent->heap);
    check_released(act);
    if (weak_newest(act, list) != agent->head) {
        agent->head = weak_newest(act, list);
        weak_write(act, NEXT, agent->head);
        act_explain(act, "compare-and-swap: the list of H%d has changed", agent->heap);
        return true;
    }
    if (agent->head != 0)
        act_violate(act, "a slab is put into a list while it is in one");
    act_explain(act, "compare-and-swap: puts the slab into the list of H%d", agent->heap);
    enum order weaker = order(act, BREAK_IDLE_UNORDERED, RELEASE, SEQ_CST);
    weak_exchange(act, list, order(act, BREAK_PUSH_RELAXED, RELAXED, weaker), 1);
    bool checks = agent->heap == 1 && agent->errand == NONE;
    agent->head = 0;
    if (checks)
        return go_on(act, CHECK_IDLE);
    agent->heap = 0;
    return go_on(act, agent->errand != NONE ? UNLOCK : act->thread < FREERS ? DONE : REST);
}

static bool check_idle(struct act *act)
{
    uint8_t idle;
    bool relaxed = act->breakage == BREAK_IDLE_UNORDERED || act->breakage == BREAK_IDLE_RELAXED;
    if (!weak_load(act, IDLE1, relaxed ? RELAXED : SEQ_CST, &idle))
        return false;
    act_explain(act, "load: H1 is %s", idle ? "idle" : "held by a thread");
    self(act)->heap = 0;
    if (!idle)
        return go_on(act, act->thread < FREERS ? DONE : REST);
    self(act)->errand = LOOK_AFTER;
    return go_on(act, act->breakage == BREAK_NO_LOCK ? RECHECK : TAKE_LOCK);
}

static bool recheck(struct act *act)
{
    uint8_t idle;
    if (!weak_load(act, IDLE1, RELAXED, &idle))
        return false;
    act_explain(act, "load: H1 is %s", idle ? "still idle" : "held by a thread by now");
    self(act)->collected = 1;
    return go_on(act, idle || act->breakage == BREAK_NO_RECHECK ? TAKE_LIST : UNLOCK);
}

/* ---- collecting ---- */

/* What follows the collecting. */
static bool collected(struct act *act)
{
    struct agent *agent = self(act);
    agent->collected = agent->signatures = 0;
    switch ((enum errand)agent->errand) {
    case ADOPT_SLAB:
        return go_on(act, ADOPT);
    case GIVE:
    case KEEP:
        return go_on(act, act->breakage == BREAK_IDLE_LATE ? SET_IDLE : UNLOCK);
    case NONE:
        return go_on(act, REST);
    default:
        return go_on(act, UNLOCK);
    }
}

static bool take_list(struct act *act)
{
    unsigned list = pending(self(act)->collected);
    bool relaxed = act->breakage == BREAK_TAKE_RELAXED;
    uint8_t taken = weak_exchange(act, list, relaxed ? RELAXED : SEQ_CST, 0);
    act_explain(act, "exchange: takes the list of H%d, %s", self(act)->collected, taken ? "with the slab" : "empty");
    return taken ? go_on(act, FOLLOW) : collected(act);
}

static bool follow(struct act *act)
{
    act_explain(act, "reads the slab's link");
    if (weak_read(act, NEXT) != 0)
        act_violate(act, "a list is walked that is none");
    return go_on(act, FIND_OWNER);
}

static bool find_owner(struct act *act)
{
    struct agent *agent = self(act);
    uint8_t heap;
    if (!weak_load(act, HEAP, ACQUIRE, &heap))
        return false;
    act_explain(act, "load: the slab belongs to H%d", heap);
    if (heap == agent->collected)
        return go_on(act, TAKE_COUNT);
    if (act->breakage == BREAK_ADOPT_UNPENDING)
        return collected(act);
    agent->heap = heap;
    agent->collected = 0;
    return go_on(act, READ_HEAD);
}

static bool take_count(struct act *act)
{
    enum order by = order(act, BREAK_COUNT_RELAXED, RELAXED, ACQ_REL);
    self(act)->signatures = weak_exchange(act, COUNT, by, 0);
    act_explain(act, "exchange: takes %d signatures", self(act)->signatures);
    return go_on(act, LOOK_AT_BITS);
}

/* Who may touch what is the owner's does so with the blocks BITS. */
static bool settle(struct act *act, uint8_t bits)
{
    struct agent *agent = self(act);
    uint8_t own = weak_read(act, OWN), count = (uint8_t)__builtin_popcount(bits);
    int owed = own / OWED + count - agent->signatures;
    if (own & bits)
        act_violate(act, "a block is given back twice");
    if (owed < 0)
        act_violate(act, "owed is negative");
    uint8_t blocks = (own & ALL_BLOCKS) | bits;
    weak_write(act, OWN, (uint8_t)(blocks | owed * OWED));
    bool heap_is_idle = agent->errand == LOOK_AFTER || agent->errand == GIVE || agent->errand == KEEP;
    if (heap_is_idle && blocks == ALL_BLOCKS && owed == 0)
        state_of(act)->released = 1;
    return collected(act);
}

static bool look_at_bits(struct act *act)
{
    uint8_t bits;
    if (!weak_load(act, BITS, RELAXED, &bits))
        return false;
    act_explain(act, "load: blocks %#x are marked", bits);
    return bits != 0 ? go_on(act, TAKE_BITS) : settle(act, 0);
}

static bool take_bits(struct act *act)
{
    uint8_t bits = weak_exchange(act, BITS, order(act, BREAK_FREE_RELAXED, RELAXED, ACQUIRE), 0);
    act_explain(act, "exchange: takes blocks %#x", bits);
    return settle(act, bits);
}

/* ---- under the lock ---- */

static enum step first_step(const struct act *act)
{
    switch ((enum errand)self(act)->errand) {
    case GIVE:
    case KEEP:
        return act->breakage == BREAK_IDLE_LATE ? TAKE_LIST : SET_IDLE;
    case TAKE:
    case TAKE_KEPT:
        return CLEAR_IDLE;
    case ADOPT_SLAB:
        return LOOK_AT_PENDING;
    default:
        return RECHECK;
    }
}

static bool take_lock(struct act *act)
{
    if (!weak_lock(act, LOCK))
        return false;
    act_explain(act, "locks the registry");
    if (self(act)->errand == GIVE || self(act)->errand == KEEP)
        self(act)->collected = 1;
    return go_on(act, first_step(act));
}

static bool unlock(struct act *act)
{
    struct agent *agent = self(act);
    act_explain(act, "unlocks the registry");
    if (weak_newest(act, LOCK) != 0)
        weak_unlock(act, LOCK);
    bool drains = agent->errand == TAKE_KEPT && state_of(act)->holder == act->thread + 1;
    agent->errand = NONE;
    agent->collected = 0;
    return go_on(act, drains ? DRAIN : act->thread < FREERS ? DONE : REST);
}

static bool set_idle(struct act *act)
{
    struct agent *agent = self(act);
    act_explain(act, "store: H1 becomes idle%s", agent->errand == KEEP ? ", and is kept" : "");
    weak_store(act, IDLE1, order(act, BREAK_IDLE_RELAXED, RELAXED, SEQ_CST), 1);
    state_of(act)->kept = agent->errand == KEEP;
    state_of(act)->holder = 0;
    agent->collected = 1;
    return go_on(act, act->breakage == BREAK_IDLE_LATE ? UNLOCK : TAKE_LIST);
}

static bool clear_idle(struct act *act)
{
    struct state *state = state_of(act);
    bool finds = state->holder == 0 && (self(act)->errand == TAKE || state->kept);
    act_explain(act, finds ? "store: holds H1" : "finds no heap");
    if (finds) {
        if (act->breakage != BREAK_STAYS_IDLE)
            weak_store(act, IDLE1, order(act, BREAK_IDLE_RELAXED, RELAXED, SEQ_CST), 0);
        state->kept = 0;
        state->holder = act->thread + 1;
    }
    return go_on(act, UNLOCK);
}

static bool look_at_pending(struct act *act)
{
    struct state *state = state_of(act);
    uint8_t slab;
    if (state->holder != 0 || (state->kept && act->breakage != BREAK_ADOPT_KEPT)) {
        act_explain(act, "finds no heap to adopt from");
        return only(act) && go_on(act, UNLOCK);
    }
    if (!weak_load(act, PENDING1, RELAXED, &slab))
        return false;
    act_explain(act, "load: the list of H1 is %s", slab ? "not empty" : "empty");
    self(act)->collected = 1;
    return go_on(act, slab && act->breakage != BREAK_ADOPT_UNPENDING ? TAKE_LIST : ADOPT);
}

static bool adopt(struct act *act)
{
    uint8_t own = weak_read(act, OWN);
    self(act)->collected = 0;
    bool has = weak_newest(act, HEAP) == 1 && (own & ALL_BLOCKS) != 0 && !state_of(act)->released;
    act_explain(act, has ? "store: the slab belongs to H2 now" : "finds no slab with free blocks");
    if (has) {
        weak_write(act, OWN, own);
        weak_store(act, HEAP, order(act, BREAK_ADOPT_RELAXED, RELAXED, RELEASE), 2);
    }
    return go_on(act, UNLOCK);
}

/* ---- what threads of heaps begin ---- */

static bool begin_errand(struct act *act, enum errand errand, uint8_t *budget)
{
    if (*budget == 0)
        return false;
    --*budget;
    self(act)->errand = (uint8_t)errand;
    return take_lock(act);
}

/* The holder of H1 puts what is in the stack back, and gives the heap up. */
static bool drain(struct act *act)
{
    struct state *state = state_of(act);
    if (state->stack != 0) {
        if (weak_newest(act, HEAP) != 1)
            act_violate(act, "a block is put back into a slab of another heap");
        weak_write(act, OWN, weak_read(act, OWN) | state->stack);
        state->stack = 0;
    }
    act_explain(act, "drains the stack of H1");
    self(act)->errand = GIVE;
    return go_on(act, TAKE_LOCK);
}

static bool begin_give(struct act *act)
{
    if (state_of(act)->ends == 0)
        return false;
    state_of(act)->ends--;
    return drain(act);
}

/* The program writes to a block that was free. */
static bool allocate(struct act *act, uint8_t heap)
{
    struct state *state = state_of(act);
    if (weak_newest(act, HEAP) != heap || state->released || state->allocations == 0)
        return false;
    uint8_t own = weak_read(act, OWN), block = own & 0x3 & (uint8_t)-own;
    if (block == 0)
        return false;
    state->allocations--;
    act_explain(act, "allocates block %#x and writes to it", block);
    weak_write(act, OWN, own & (uint8_t)~block);
    weak_write(act, block == 1 ? DATA0 : DATA1, 2);
    return true;
}

static bool begin_collect(struct act *act, uint8_t heap)
{
    if (weak_newest(act, pending(heap)) == 0)
        return false;
    self(act)->collected = heap;
    return take_list(act);
}

/* A move that is not possible has no number: the next one takes it. */
static bool nth_possible(struct act *act, size_t count, bool (*const begin[])(struct act *act))
{
    struct state before = *state_of(act);
    unsigned wanted = act->choice;
    for (size_t i = 0; i < count; i++) {
        *state_of(act) = before;
        act->move->violation = NULL;
        act->move->text[0] = '\0';
        act->choice = 0;
        if (begin[i](act) && wanted-- == 0)
            return true;
    }
    return false;
}

static bool collect_h1(struct act *act)
{
    return begin_collect(act, 1);
}

static bool collect_h2(struct act *act)
{
    return begin_collect(act, 2);
}

static bool allocate_h1(struct act *act)
{
    return allocate(act, 1);
}

static bool allocate_h2(struct act *act)
{
    return allocate(act, 2);
}

static bool begin_keep(struct act *act)
{
    return begin_errand(act, KEEP, &state_of(act)->ends);
}

static bool begin_take(struct act *act)
{
    return begin_errand(act, TAKE, &state_of(act)->takes);
}

static bool begin_adopt(struct act *act)
{
    return begin_errand(act, ADOPT_SLAB, &state_of(act)->adoptions);
}

static bool begin_take_kept(struct act *act)
{
    return state_of(act)->holder == 0 && state_of(act)->kept && begin_errand(act, TAKE_KEPT, &state_of(act)->takes);
}

static bool rest(struct act *act)
{
    static bool (*const of_h1[])(struct act *) = {collect_h1, allocate_h1, begin_give, begin_keep};
    static bool (*const of_h2[])(struct act *) = {collect_h2, allocate_h2, begin_adopt, begin_take_kept};
    uint8_t holder = state_of(act)->holder;
    if (act->thread < FREERS)
        return only(act) && begin_free(act);
    if (act->thread == H2)
        return nth_possible(act, sizeof of_h2 / sizeof *of_h2, of_h2);
    if (holder == H1 + 1)
        return nth_possible(act, sizeof of_h1 / sizeof *of_h1, of_h1);
    return holder == 0 && only(act) && begin_take(act);
}

/* ---- the model ---- */

static bool done(struct act *act)
{
    (void)act;
    return false;
}

static bool (*const steps[STEPS])(struct act *act) = {
    [REST] = rest,
    [MARK] = mark,
    [SIGN] = sign,
    [FIND_HEAP] = find_heap,
    [READ_HEAD] = read_head,
    [PUSH] = push,
    [CHECK_IDLE] = check_idle,
    [TAKE_LOCK] = take_lock,
    [RECHECK] = recheck,
    [TAKE_LIST] = take_list,
    [FOLLOW] = follow,
    [FIND_OWNER] = find_owner,
    [TAKE_COUNT] = take_count,
    [LOOK_AT_BITS] = look_at_bits,
    [TAKE_BITS] = take_bits,
    [DRAIN] = drain,
    [SET_IDLE] = set_idle,
    [CLEAR_IDLE] = clear_idle,
    [LOOK_AT_PENDING] = look_at_pending,
    [ADOPT] = adopt,
    [UNLOCK] = unlock,
    [DONE] = done,
};

/* The steps that load something look at the choice themselves. */
static bool has_outcomes(enum step step)
{
    return step == REST || step == FIND_HEAP || step == READ_HEAD || step == CHECK_IDLE || step == RECHECK ||
           step == FIND_OWNER || step == LOOK_AT_BITS || step == LOOK_AT_PENDING;
}

static bool step_once(struct act *act)
{
    enum step step = (enum step)self(act)->step;
    return (has_outcomes(step) || only(act)) && steps[step](act);
}

static void begin(const void *world, void *memory)
{
    const struct configuration *configuration = world;
    struct state *state = memory;
    *state = (struct state){.holder = H1 + 1,
                            .stack = IN_STACK,
                            .ends = configuration->ends,
                            .takes = configuration->takes,
                            .adoptions = configuration->adoptions,
                            .allocations = configuration->allocations};
    weak_begin(&state->memory, HEAP, 1);
}

static size_t moves_from(const void *world, unsigned breakage, const void *state, bool explain, struct move *moves)
{
    enum {
        OF_FREER = (1 << WEAK_LOADED) - 1,
        OF_H1 = 1 << PENDING2 | 1 << HEAP | 1 << BITS,
        OF_H2 = 1 << PENDING1 | OF_H1,
    };
    struct act common = {
        .world = world, .breakage = breakage, .explain = explain, .loads = {OF_FREER, OF_FREER, OF_H1, OF_H2}};
    return act_all(&common, state, sizeof(struct state), AGENTS, step_once, moves, MOST_MOVES);
}

static bool is_busy(const void *world, const void *memory)
{
    const struct state *state = memory;
    (void)world;
    for (unsigned i = 0; i < AGENTS; i++)
        if (state->agents[i].step != REST && state->agents[i].step != DONE)
            return true;
    return false;
}

/* What is in the list of a heap that has a thread that thread may collect: then there is more to come. */
static const char *check_rest(const void *world, unsigned breakage, const void *memory)
{
    const struct state *state = memory;
    (void)world;
    (void)breakage;
    if (weak_value(&state->memory, PENDING1) != 0 && state->holder == 0)
        return "a slab stays in a list that nobody collects";
    if (weak_value(&state->memory, PENDING1) != 0 || weak_value(&state->memory, PENDING2) != 0)
        return NULL;
    if (weak_value(&state->memory, COUNT) != 0 || weak_value(&state->memory, BITS) != 0)
        return "a freed block is lost";
    return weak_value(&state->memory, OWN) / OWED != 0 ? "signatures are owed that never come" : NULL;
}

static void print_agent(uint8_t agent, const uint8_t *names)
{
    (void)names;
    if (agent < FREERS)
        printf("freer %c     ", 'A' + agent);
    else
        printf("thread of H%d", agent - H1 + 1);
}

static void print_state(const void *world, const void *memory)
{
    const struct state *state = memory;
    (void)world;
    printf(" H1:%s,list=%d H2:list=%d slab:heap=%d,marked=%#x,count=%d,free=%#x,owed=%d%s\n",
           state->holder != 0 ? "held"
           : state->kept      ? "kept"
                              : "idle",
           weak_value(&state->memory, PENDING1), weak_value(&state->memory, PENDING2), weak_value(&state->memory, HEAP),
           weak_value(&state->memory, BITS), weak_value(&state->memory, COUNT),
           weak_value(&state->memory, OWN) & ALL_BLOCKS, weak_value(&state->memory, OWN) / OWED,
           state->released ? ",released" : "");
}

static const struct model model = {
    .state_size = sizeof(struct state),
    .most_moves = MOST_MOVES,
    .begin = begin,
    .moves = moves_from,
    .is_busy = is_busy,
    .check_rest = check_rest,
    .print_agent = print_agent,
    .print = print_state,
};

enum { ENDS, TAKEN_OVER, ADOPTED, SMALL_WORLDS, ALL = SMALL_WORLDS, KEPT, WORLDS };

static const struct configuration configurations[] = {
    [ENDS] = {.ends = 1, .allocations = 1},  [TAKEN_OVER] = {.ends = 1, .takes = 1},
    [ADOPTED] = {.ends = 1, .adoptions = 1}, [ALL] = {.ends = 2, .takes = 1, .adoptions = 1, .allocations = 1},
    [KEPT] = {.ends = 2, .takes = 1},
};

static const struct world worlds[] = {
    [ENDS] = {"a thread ends", &configurations[ENDS]},
    [TAKEN_OVER] = {"taken over", &configurations[TAKEN_OVER]},
    [ADOPTED] = {"adopted", &configurations[ADOPTED]},
    /* From here on: large. */
    [ALL] = {"all of it", &configurations[ALL]},
    [KEPT] = {"ends twice", &configurations[KEPT]},
};

static const struct broken breakages[BREAKAGES] = {
    [BREAK_NOTHING] = {"nothing", 0, HOLDS},
    [BREAK_FREE_RELAXED] = {"free-relaxed", ENDS, VIOLATED},
    [BREAK_SIGN_RELAXED] = {"sign-relaxed", ENDS, VIOLATED},
    [BREAK_COUNT_RELAXED] = {"count-relaxed", ENDS, VIOLATED},
    [BREAK_PUSH_RELAXED] = {"push-relaxed", ENDS, VIOLATED},
    [BREAK_TAKE_RELAXED] = {"take-relaxed", ENDS, VIOLATED},
    [BREAK_IDLE_UNORDERED] = {"idle-unordered", ENDS, VIOLATED},
    [BREAK_IDLE_RELAXED] = {"idle-relaxed", ENDS, HOLDS},
    [BREAK_IDLE_LATE] = {"idle-late", ENDS, VIOLATED},
    [BREAK_NO_RECHECK] = {"no-recheck", TAKEN_OVER, VIOLATED},
    [BREAK_NO_LOCK] = {"no-lock", TAKEN_OVER, VIOLATED},
    [BREAK_STAYS_IDLE] = {"stays-idle", TAKEN_OVER, VIOLATED},
    [BREAK_ADOPT_KEPT] = {"adopt-kept", ALL, VIOLATED},
    [BREAK_ADOPT_RELAXED] = {"adopt-relaxed", ADOPTED, HOLDS},
    [BREAK_ADOPT_UNPENDING] = {"adopt-unpending", ADOPTED, VIOLATED},
};

SUITE_MAIN("idle_heap")
