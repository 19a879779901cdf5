/* SPDX-License-Identifier: MIT */
/*
 * The shared heap (lib/heap/shared.c): threads refill their stacks from slabs of all and drain to them under the lock
 * of the class, make slabs under it, and give empty ones back to the pool behind it. What the lock guards, what the
 * pool's lock guards and what the program writes into blocks are no atomics: an access that no lock orders is found as
 * a data race (weak.h).
 *
 * Three threads, one class, two slabs: the first of two blocks, the second of one. Below it: weak.h, suite.h.
 */
#include "tests/model/suite.h"
#include "tests/model/weak.h"

#include <stdio.h>

enum breakage {
    BREAK_NOTHING,
    BREAK_TAKE_UNLOCKED,   /* a refill does not take the lock of the class */
    BREAK_PUT_UNLOCKED,    /* nor does a drain */
    BREAK_DELETE_LISTED,   /* a slab that became empty leaves the list when it is given back, not under the lock */
    BREAK_DELETE_UNLOCKED, /* slabs go back without the pool's lock */
    BREAK_DELETE_USED,     /* a slab goes back when the first of its blocks is back */
    BREAK_KEEP_EMPTIED,    /* who takes the list of emptied slabs along does not give them back */
    BREAK_NESTED,          /* slabs are given back with the lock of the class held: harmless, but others wait */
    BREAKAGES
};

enum { AGENTS = 3, SLABS = 2, BLOCKS = 3 };

/* None is ever loaded. */
enum place {
    CLASS_LOCK = WEAK_LOADED,
    POOL_LOCK,
    OWN,  /* the class's slabs, their bitmaps and the list of those with free blocks */
    POOL, /* the pool's slabs */
    DATA, /* of each block: what the program writes */
};
_Static_assert((int)DATA + (int)BLOCKS <= (int)WEAK_PLACES, "all places are there");

enum step {
    REST,
    FIND,
    MAKE_LOCK,
    MAKE,
    TAKE,
    TAKE_UNLOCK,
    PUT,
    PUT_UNLOCK,
    DELETE_LOCK,
    DELETE,
    DELETE_UNLOCK,
    STEPS
};

enum { IN_SLAB, IN_STACK, IN_USE };    /* where a block is */
enum { IN_POOL, IN_HEAP, ON_ITS_WAY }; /* where a slab is */

struct agent {
    uint8_t step;
    uint8_t emptied; /* mask of the slabs that it has taken out of the heap */
};

struct state {
    struct weak_memory memory;
    struct agent agents[AGENTS];
    uint8_t blocks[BLOCKS], holders[BLOCKS]; /* the thread that has the block, and one */
    uint8_t slabs[SLABS];
    uint8_t mallocs, frees, reclaims;
    uint8_t unused[(8 - (sizeof(struct weak_memory) + sizeof(struct agent) * AGENTS + 2 * BLOCKS + SLABS + 3) % 8) % 8];
};
_Static_assert(sizeof(struct state) % sizeof(uint64_t) == 0, "states are hashed by words of 64 bits");

struct configuration {
    uint8_t mallocs, frees, reclaims;
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
    return true;
}

static unsigned slab_of(unsigned block)
{
    return block < 2 ? 0 : 1;
}

static bool is_empty(const struct state *state, unsigned slab)
{
    for (unsigned block = 0; block < BLOCKS; block++)
        if (slab_of(block) == slab && state->blocks[block] != IN_SLAB)
            return false;
    return true;
}

static void touch(const struct act *act, enum place place)
{
    weak_read(act, place);
    weak_write(act, place, 1);
}

/* ---- refill ---- */

static void give_to_program(const struct act *act, unsigned block)
{
    struct state *state = state_of(act);
    if (state->blocks[block] == IN_USE)
        act_violate(act, "a block is handed out twice");
    state->blocks[block] = IN_USE;
    state->holders[block] = (uint8_t)(act->thread + 1);
    touch(act, (enum place)(DATA + block));
    act_explain(act, "the program has block %u, and writes to it", block);
}

static bool find(struct act *act)
{
    const struct state *state = state_of(act);
    bool found = false;
    if (act->breakage != BREAK_TAKE_UNLOCKED && !weak_lock(act, CLASS_LOCK))
        return false;
    touch(act, OWN);
    for (unsigned block = 0; block < BLOCKS; block++)
        found |= state->slabs[slab_of(block)] == IN_HEAP && state->blocks[block] == IN_SLAB;
    act_explain(act, "locks the class, finds %s", found ? "a slab with free blocks" : "no slab with free blocks");
    return go_on(act, found ? TAKE : MAKE_LOCK);
}

static bool make_lock(struct act *act)
{
    act_explain(act, "locks the pool");
    return weak_lock(act, POOL_LOCK) && go_on(act, MAKE);
}

static bool make(struct act *act)
{
    struct state *state = state_of(act);
    unsigned slab = 0;
    touch(act, POOL);
    weak_unlock(act, POOL_LOCK);
    while (slab < SLABS && state->slabs[slab] != IN_POOL)
        slab++;
    act_explain(act, slab < SLABS ? "takes slab %u from the pool, unlocks" : "gets no memory, unlocks", slab);
    if (slab == SLABS)
        return go_on(act, TAKE_UNLOCK);
    if (!is_empty(state, slab))
        act_violate(act, "the pool has a slab with blocks in use");
    touch(act, OWN);
    state->slabs[slab] = IN_HEAP;
    return go_on(act, TAKE);
}

static bool take(struct act *act)
{
    struct state *state = state_of(act);
    unsigned block = 0;
    touch(act, OWN);
    while (block < BLOCKS && (state->slabs[slab_of(block)] != IN_HEAP || state->blocks[block] != IN_SLAB))
        block++;
    if (block < BLOCKS)
        give_to_program(act, block);
    else
        act_explain(act, "somebody has taken the blocks");
    return go_on(act, TAKE_UNLOCK);
}

static bool take_unlock(struct act *act)
{
    act_explain(act, "unlocks the class");
    if (act->breakage != BREAK_TAKE_UNLOCKED)
        weak_unlock(act, CLASS_LOCK);
    return go_on(act, REST);
}

/* ---- drain and reclaim ---- */

/* The slabs that are empty, of which a drain leaves the last of the class. */
static uint8_t find_emptied(const struct state *state, bool reclaims)
{
    uint8_t emptied = 0;
    bool both = state->slabs[0] == IN_HEAP && state->slabs[1] == IN_HEAP;
    for (unsigned slab = 0; slab < SLABS; slab++)
        if (state->slabs[slab] == IN_HEAP && is_empty(state, slab) && (reclaims || (both && emptied == 0)))
            emptied |= (uint8_t)(1u << slab);
    return emptied;
}

static void remove_emptied(const struct act *act, uint8_t emptied)
{
    struct state *state = state_of(act);
    self(act)->emptied = emptied;
    for (unsigned slab = 0; slab < SLABS && act->breakage != BREAK_DELETE_LISTED; slab++)
        if ((emptied >> slab & 1) != 0)
            state->slabs[slab] = ON_ITS_WAY;
}

/* All of the thread's stack. */
static bool put(struct act *act)
{
    struct state *state = state_of(act);
    uint8_t touched = 0;
    bool reclaims = true;
    if (act->breakage != BREAK_PUT_UNLOCKED && !weak_lock(act, CLASS_LOCK))
        return false;
    touch(act, OWN);
    for (unsigned block = 0; block < BLOCKS; block++) {
        if (state->blocks[block] != IN_STACK || state->holders[block] != act->thread + 1)
            continue;
        if (state->slabs[slab_of(block)] != IN_HEAP)
            act_violate(act, "a block is put into a slab that has gone");
        state->blocks[block] = IN_SLAB;
        state->holders[block] = 0;
        touched |= (uint8_t)(1u << slab_of(block));
        reclaims = false;
    }
    uint8_t emptied = act->breakage == BREAK_DELETE_USED && touched != 0 ? touched : find_emptied(state, reclaims);
    remove_emptied(act, emptied);
    act_explain(act, "locks the class, %s; emptied are slabs %#x", reclaims ? "reclaims" : "drains", emptied);
    return go_on(act, PUT_UNLOCK);
}

static bool put_unlock(struct act *act)
{
    act_explain(act, "unlocks the class");
    if (act->breakage != BREAK_PUT_UNLOCKED && act->breakage != BREAK_NESTED)
        weak_unlock(act, CLASS_LOCK);
    if (act->breakage == BREAK_KEEP_EMPTIED)
        self(act)->emptied = 0;
    return go_on(act, self(act)->emptied != 0 || act->breakage == BREAK_NESTED ? DELETE_LOCK : REST);
}

static bool delete_lock(struct act *act)
{
    act_explain(act, "locks the pool");
    return (act->breakage == BREAK_DELETE_UNLOCKED || weak_lock(act, POOL_LOCK)) && go_on(act, DELETE);
}

static bool delete (struct act *act)
{
    struct state *state = state_of(act);
    touch(act, POOL);
    for (unsigned slab = 0; slab < SLABS; slab++) {
        if ((self(act)->emptied >> slab & 1) == 0)
            continue;
        if (!is_empty(state, slab))
            act_violate(act, "a slab goes back to the pool with blocks in use");
        state->slabs[slab] = IN_POOL;
    }
    act_explain(act, "gives slabs %#x back to the pool", self(act)->emptied);
    self(act)->emptied = 0;
    return go_on(act, DELETE_UNLOCK);
}

static bool delete_unlock(struct act *act)
{
    act_explain(act, "unlocks the pool");
    if (act->breakage != BREAK_DELETE_UNLOCKED)
        weak_unlock(act, POOL_LOCK);
    if (act->breakage == BREAK_NESTED)
        weak_unlock(act, CLASS_LOCK);
    return go_on(act, REST);
}

/* ---- what a thread begins ---- */

static bool begin_malloc(struct act *act)
{
    struct state *state = state_of(act);
    if (state->mallocs == 0)
        return false;
    state->mallocs--;
    for (unsigned block = 0; block < BLOCKS; block++) {
        if (state->blocks[block] == IN_STACK && state->holders[block] == act->thread + 1) {
            act_explain(act, "malloc: ");
            give_to_program(act, block);
            return true;
        }
    }
    return find(act);
}

static bool begin_free(struct act *act, unsigned block)
{
    struct state *state = state_of(act);
    if (state->frees == 0 || state->blocks[block] != IN_USE || state->holders[block] != act->thread + 1)
        return false;
    state->frees--;
    state->blocks[block] = IN_STACK;
    act_explain(act, "free: pushes block %u", block);
    return true;
}

static bool begin_put(struct act *act)
{
    struct state *state = state_of(act);
    bool has = false;
    for (unsigned block = 0; block < BLOCKS; block++)
        has |= state->blocks[block] == IN_STACK && state->holders[block] == act->thread + 1;
    if (!has && state->reclaims == 0)
        return false;
    state->reclaims -= !has;
    return put(act);
}

/* Choices are numbered as they are possible. */
static bool rest(struct act *act)
{
    struct state before = *state_of(act);
    unsigned wanted = act->choice;
    for (unsigned number = 0; number < BLOCKS + 2; number++) {
        *state_of(act) = before;
        act->move->violation = NULL;
        act->move->text[0] = '\0';
        bool possible = number < BLOCKS    ? begin_free(act, number)
                        : number == BLOCKS ? begin_malloc(act)
                                           : begin_put(act);
        if (possible && wanted-- == 0)
            return true;
    }
    return false;
}

/* ---- the model ---- */

static bool (*const steps[STEPS])(struct act *act) = {
    [REST] = rest,
    [FIND] = find,
    [MAKE_LOCK] = make_lock,
    [MAKE] = make,
    [TAKE] = take,
    [TAKE_UNLOCK] = take_unlock,
    [PUT] = put,
    [PUT_UNLOCK] = put_unlock,
    [DELETE_LOCK] = delete_lock,
    [DELETE] = delete,
    [DELETE_UNLOCK] = delete_unlock,
};

static bool step_once(struct act *act)
{
    enum step step = (enum step)self(act)->step;
    return (act->choice == 0 || step == REST) && steps[step](act);
}

static void begin(const void *world, void *memory)
{
    const struct configuration *configuration = world;
    struct state *state = memory;
    *state = (struct state){
        .mallocs = configuration->mallocs, .frees = configuration->frees, .reclaims = configuration->reclaims};
}

enum { MOST_MOVES = AGENTS * (BLOCKS + 3) };

static size_t moves_from(const void *world, unsigned breakage, const void *state, bool explain, struct move *moves)
{
    struct act common = {.world = world, .breakage = breakage, .explain = explain};
    return act_all(&common, state, sizeof(struct state), AGENTS, step_once, moves, MOST_MOVES);
}

static bool is_busy(const void *world, const void *memory)
{
    const struct state *state = memory;
    (void)world;
    for (unsigned i = 0; i < AGENTS; i++)
        if (state->agents[i].step != REST)
            return true;
    return false;
}

static const char *check_rest(const void *world, unsigned breakage, const void *memory)
{
    const struct state *state = memory;
    (void)world;
    (void)breakage;
    for (unsigned slab = 0; slab < SLABS; slab++) {
        if (state->slabs[slab] == ON_ITS_WAY)
            return "a slab is lost";
        if (state->slabs[slab] == IN_POOL && !is_empty(state, slab))
            return "the pool has a slab with blocks in use";
    }
    return NULL;
}

static void print_agent(uint8_t agent, const uint8_t *names)
{
    (void)names;
    printf("thread %d", agent + 1);
}

static void print_state(const void *world, const void *memory)
{
    static const char *const of_block[] = {"slab", "stack", "used"}, *const of_slab[] = {"pool", "heap", "on its way"};
    const struct state *state = memory;
    (void)world;
    for (unsigned slab = 0; slab < SLABS; slab++)
        printf(" slab %u:%s", slab, of_slab[state->slabs[slab]]);
    for (unsigned block = 0; block < BLOCKS; block++)
        printf(" block %u:%s,%d", block, of_block[state->blocks[block]], state->holders[block]);
    printf("\n");
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

enum { DRAINS, RECLAIMS, SMALL_WORLDS, ALL = SMALL_WORLDS, WORLDS };

static const struct configuration configurations[WORLDS] = {
    [DRAINS] = {.mallocs = 4, .frees = 3},
    [RECLAIMS] = {.mallocs = 3, .frees = 2, .reclaims = 1},
    [ALL] = {.mallocs = 5, .frees = 4, .reclaims = 1},
};

static const struct world worlds[WORLDS] = {
    [DRAINS] = {"refills and drains", &configurations[DRAINS]},
    [RECLAIMS] = {"reclaims", &configurations[RECLAIMS]},
    /* From here on: large. */
    [ALL] = {"all of it", &configurations[ALL]},
};

static const struct broken breakages[BREAKAGES] = {
    [BREAK_NOTHING] = {"nothing", 0, HOLDS},
    [BREAK_TAKE_UNLOCKED] = {"take-unlocked", DRAINS, VIOLATED},
    [BREAK_PUT_UNLOCKED] = {"put-unlocked", DRAINS, VIOLATED},
    [BREAK_DELETE_LISTED] = {"delete-listed", DRAINS, VIOLATED},
    [BREAK_DELETE_UNLOCKED] = {"delete-unlocked", RECLAIMS, VIOLATED},
    [BREAK_DELETE_USED] = {"delete-used", DRAINS, VIOLATED},
    [BREAK_KEEP_EMPTIED] = {"keep-emptied", DRAINS, VIOLATED},
    [BREAK_NESTED] = {"locks-nested", DRAINS, HOLDS},
};

SUITE_MAIN("shared_heap")
