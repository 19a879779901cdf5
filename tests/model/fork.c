/* SPDX-License-Identifier: MIT */
/*
 * A fork while others free, allocate and end: the gate before the heap (lib/base/gate.h), the locks that fork takes,
 * the blocks that are left at the gate, and what the child finds (lib/thread/fork.c), by the memory orders of the code.
 *
 * Two threads work and one forks. The heap is what a thread changes without a lock, inside of the gate (OWN, of worker
 * 1), and what all change with the pool's lock (POOL): each change has a half, which the child must not see. The child
 * is what the forking thread sees at its fork, with the locks and the gate reset; it is looked at there. A thread may
 * hold a mutex of the program's while it frees, which a handler for fork waits for: so who is refused must not wait.
 *
 * Not in the model: that the forking thread goes on after two seconds where somebody was ended inside. Below it:
 * weak.h, suite.h.
 */
#include "tests/model/suite.h"
#include "tests/model/weak.h"

#include <stdio.h>

enum breakage {
    BREAK_NOTHING,
    BREAK_LOOK_RELAXED,    /* who goes inside looks at the gate by a relaxed load */
    BREAK_INSIDE_RELAXED,  /* the forking thread looks by relaxed loads who is inside */
    BREAK_LOOK_FIRST,      /* who goes inside looks at the gate, and counts itself then */
    BREAK_LEAVE_RELAXED,   /* who leaves does not release what it has changed */
    BREAK_LOCKS_FIRST,     /* the locks are taken before the gate is closed */
    BREAK_LOCKS_REVERSED,  /* the pool's before the registry's */
    BREAK_NO_REFUSAL,      /* who finds the gate closed waits for the fork's end */
    BREAK_TWO_FORKS,       /* two threads may fork at once */
    BREAK_LEFT_RELAXED,    /* a block is left at the gate without release */
    BREAK_TAKE_RELAXED,    /* the blocks left are taken without acquire */
    BREAK_TAKE_TORN,       /* they are taken by a load and a store */
    BREAK_CHILD_LOCKED,    /* the child does not reset the locks */
    BREAK_CHILD_COUNTS,    /* the child keeps the count of those inside */
    BREAK_CHILD_IS_CLOSED, /* the child does not open the gate */
    BREAKAGES
};

enum { WORKER1, WORKER2, FORKER, AGENTS };

enum place {
    TURNS,   /* gate_turns */
    INSIDE1, /* the stripes, as if each worker had one */
    INSIDE2,
    LEFT,              /* gate_left_blocks: a worker's block, its number and one */
    OWN = WEAK_LOADED, /* no atomic: worker 1's heap, odd while it is half changed */
    POOL,              /* no atomic: the same of all threads, under its lock */
    POOL_LOCK,
    REGISTRY_LOCK,
    ONE_FORK,
    LINK1, /* no atomic: in the workers' blocks, the one that was left before */
    LINK2,
};
_Static_assert((int)LINK2 < (int)WEAK_PLACES, "all places are there");

/* What a thread does, one after the other. */
enum job {
    NOTHING,
    FREE,
    FREE_WITH_MUTEX,
    MALLOC,        /* frees what was left at the gate first */
    END_THREAD,    /* changes the registry's lists and the pool with the locks, and does not pass the gate */
    FORK,          /* in a handler for fork, after the library's, waits for the program's mutex */
    MOST_JOBS = 2, /* of one thread */
};

enum step {
    REST,
    TAKE_MUTEX,
    COUNT,
    LOOK,
    UNCOUNT,
    WAIT,
    READ_LEFT,
    LEAVE_BLOCK,
    LOOK_FOR_LEFT,
    LOAD_LEFT,
    TAKE_LEFT,
    FREE_LEFT,
    TAKE_REGISTRY,
    TAKE_POOL,
    CHANGE,
    FINISH,
    GIVE_LOCKS,
    LEAVE,
    GIVE_MUTEX,
    TAKE_ONE_FORK,
    CLOSE,
    AWAIT_FIRST,
    AWAIT_SECOND,
    FORK_LOCK_REGISTRY,
    FORK_LOCK_POOL,
    HANDLE,
    COPY,
    FORK_GIVE_LOCKS,
    OPEN,
    GIVE_ONE_FORK,
    DONE,
    STEPS
};

enum { HELD, LEFT_AT_GATE, FREED }; /* ghost: where a worker's block is */

struct agent {
    uint8_t step, job, next; /* what it does, and which job is next */
    uint8_t turn;            /* LOOK_FIRST: what was seen of the gate */
    uint8_t head, list;      /* of the blocks left: what was read; what was taken and is to be freed */
    uint8_t unused[2];
};

struct state {
    struct weak_memory memory;
    struct agent agents[AGENTS];
    uint8_t mutex;     /* of the program: who holds it, and one */
    uint8_t blocks[2]; /* of the workers */
    uint8_t unused[(8 - (sizeof(struct weak_memory) + sizeof(struct agent) * AGENTS + 3) % 8) % 8];
};
_Static_assert(sizeof(struct state) % sizeof(uint64_t) == 0, "states are hashed by words of 64 bits");

struct configuration {
    uint8_t jobs[AGENTS][MOST_JOBS];
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

static enum order order(const struct act *act, enum breakage breakage, enum order weaker, enum order own)
{
    return act->breakage == (unsigned)breakage ? weaker : own;
}

static unsigned stripe(const struct act *act)
{
    return INSIDE1 + act->thread;
}

/* ---- what a thread begins ---- */

static enum step first_step(const struct act *act, enum job job)
{
    switch (job) {
    case FREE_WITH_MUTEX:
        return TAKE_MUTEX;
    case END_THREAD:
        return TAKE_REGISTRY;
    case FORK:
        return act->breakage == BREAK_TWO_FORKS     ? CLOSE
               : act->breakage == BREAK_LOCKS_FIRST ? FORK_LOCK_REGISTRY
                                                    : TAKE_ONE_FORK;
    default:
        return act->breakage == BREAK_LOOK_FIRST ? LOOK : COUNT;
    }
}

static enum job next_job(const struct configuration *configuration, const struct state *state, unsigned thread)
{
    uint8_t next = state->agents[thread].next;
    return next < MOST_JOBS ? (enum job)configuration->jobs[thread][next] : NOTHING;
}

static bool rest(struct act *act)
{
    struct agent *agent = self(act);
    enum job job = next_job(act->world, state_of(act), act->thread);
    if (job == NOTHING)
        return false;
    agent->job = (uint8_t)job;
    agent->next++;
    act_explain(act, "begins");
    return go_on(act, first_step(act, job));
}

static bool finish_job(const struct act *act)
{
    self(act)->job = NOTHING;
    bool ends = next_job(act->world, state_of(act), act->thread) == NOTHING;
    if (ends)
        weak_end(act);
    return go_on(act, ends ? DONE : REST);
}

static bool take_mutex(struct act *act)
{
    if (state_of(act)->mutex != 0)
        return false;
    state_of(act)->mutex = (uint8_t)(act->thread + 1);
    act_explain(act, "locks the program's mutex");
    return go_on(act, act->breakage == BREAK_LOOK_FIRST ? LOOK : COUNT);
}

static bool give_mutex(struct act *act)
{
    if (self(act)->job == FREE_WITH_MUTEX) {
        act_explain(act, "unlocks the program's mutex");
        state_of(act)->mutex = 0;
    }
    return finish_job(act);
}

/* ---- through the gate ---- */

static void count(const struct act *act, int more, enum order order)
{
    weak_exchange(act, stripe(act), order, (uint8_t)(weak_newest(act, stripe(act)) + more));
}

static enum step inside(const struct act *act)
{
    return self(act)->job == MALLOC ? LOOK_FOR_LEFT : act->thread == WORKER1 ? CHANGE : TAKE_POOL;
}

static bool count_inside(struct act *act)
{
    act_explain(act, "fetch_add: counts itself inside");
    count(act, 1, SEQ_CST);
    return go_on(act, act->breakage == BREAK_LOOK_FIRST ? inside(act) : LOOK);
}

static bool look(struct act *act)
{
    uint8_t turn;
    if (!weak_load(act, TURNS, order(act, BREAK_LOOK_RELAXED, RELAXED, SEQ_CST), &turn))
        return false;
    act_explain(act, "load: the gate is %s", turn & 1 ? "closed" : "open");
    if (act->breakage == BREAK_LOOK_FIRST)
        return go_on(act, turn & 1 ? WAIT : COUNT);
    return go_on(act, turn & 1 ? UNCOUNT : inside(act));
}

static bool uncount(struct act *act)
{
    act_explain(act, "fetch_sub: is not inside");
    count(act, -1, SEQ_CST);
    return go_on(act, WAIT);
}

/* For a while, and then it is refused; so both may come. A malloc has the arena. */
static bool wait(struct act *act)
{
    bool opened = (weak_newest(act, TURNS) & 1) == 0;
    bool goes = opened && act->choice == 0;
    if (act->choice > (opened ? 1u : 0u) || (!opened && act->breakage == BREAK_NO_REFUSAL))
        return false;
    act_explain(act, goes ? "the gate has opened" : "has waited long enough");
    if (goes)
        return go_on(act, act->breakage == BREAK_LOOK_FIRST ? LOOK : COUNT);
    return self(act)->job == MALLOC ? finish_job(act) : go_on(act, READ_LEFT);
}

static bool leave(struct act *act)
{
    act_explain(act, "fetch_sub: leaves");
    count(act, -1, order(act, BREAK_LEAVE_RELAXED, RELAXED, SEQ_CST));
    return go_on(act, GIVE_MUTEX);
}

/* ---- blocks left at the gate ---- */

static bool read_left(struct act *act)
{
    struct agent *agent = self(act);
    if (!weak_load(act, LEFT, RELAXED, &agent->head))
        return false;
    act_explain(act, "load: block %d was left last, becomes the link", agent->head);
    weak_write(act, LINK1 + act->thread, agent->head);
    return go_on(act, LEAVE_BLOCK);
}

static bool leave_block(struct act *act)
{
    struct agent *agent = self(act);
    if (weak_newest(act, LEFT) != agent->head) {
        agent->head = weak_newest(act, LEFT);
        weak_write(act, LINK1 + act->thread, agent->head);
        act_explain(act, "compare-and-swap: block %d was left meanwhile", agent->head);
        return true;
    }
    act_explain(act, "compare-and-swap: leaves its block at the gate");
    weak_exchange(act, LEFT, order(act, BREAK_LEFT_RELAXED, RELAXED, RELEASE), (uint8_t)(act->thread + 1));
    state_of(act)->blocks[act->thread] = LEFT_AT_GATE;
    agent->head = 0;
    return go_on(act, GIVE_MUTEX);
}

static bool look_for_left(struct act *act)
{
    uint8_t left;
    if (!weak_load(act, LEFT, RELAXED, &left))
        return false;
    act_explain(act, "load: block %d was left last", left);
    if (left == 0)
        return go_on(act, LEAVE);
    return go_on(act, act->breakage == BREAK_TAKE_TORN ? LOAD_LEFT : TAKE_LEFT);
}

static bool load_left(struct act *act)
{
    if (!weak_load(act, LEFT, ACQUIRE, &self(act)->list))
        return false;
    act_explain(act, "load: block %d was left last", self(act)->list);
    return go_on(act, TAKE_LEFT);
}

static bool take_left(struct act *act)
{
    struct agent *agent = self(act);
    if (act->breakage == BREAK_TAKE_TORN)
        weak_store(act, LEFT, RELEASE, 0);
    else
        agent->list = weak_exchange(act, LEFT, order(act, BREAK_TAKE_RELAXED, RELAXED, ACQUIRE), 0);
    act_explain(act, "exchange: takes the blocks left, from %d on", agent->list);
    return go_on(act, FREE_LEFT);
}

static void note_freed(const struct act *act, unsigned number)
{
    uint8_t *block = &state_of(act)->blocks[number];
    if (*block == FREED)
        act_violate(act, "a block is freed twice");
    *block = FREED;
}

static bool free_left(struct act *act)
{
    struct agent *agent = self(act);
    if (agent->list == 0) {
        act_explain(act, "has freed all that was left");
        return go_on(act, LEAVE);
    }
    unsigned block = agent->list - 1u;
    act_explain(act, "frees block %d, which was left", agent->list);
    agent->list = weak_read(act, LINK1 + block);
    note_freed(act, block);
    return true;
}

/* ---- in the heap ---- */

static bool take_registry(struct act *act)
{
    if (!weak_lock(act, REGISTRY_LOCK))
        return false;
    act_explain(act, "locks the registry");
    return go_on(act, TAKE_POOL);
}

static bool take_pool(struct act *act)
{
    if (!weak_lock(act, POOL_LOCK))
        return false;
    act_explain(act, "locks the pool");
    return go_on(act, CHANGE);
}

static bool uses_pool(const struct act *act)
{
    return act->thread != WORKER1 || self(act)->job == END_THREAD;
}

static bool change(struct act *act)
{
    unsigned place = uses_pool(act) ? POOL : OWN;
    act_explain(act, "changes the heap, by half");
    weak_write(act, place, (uint8_t)(weak_read(act, place) ^ 1));
    return go_on(act, FINISH);
}

static bool finish(struct act *act)
{
    unsigned place = uses_pool(act) ? POOL : OWN;
    act_explain(act, "and the other half");
    weak_write(act, place, (uint8_t)(weak_read(act, place) ^ 1));
    if (self(act)->job == FREE || self(act)->job == FREE_WITH_MUTEX)
        note_freed(act, act->thread);
    return go_on(act, uses_pool(act) ? GIVE_LOCKS : LEAVE);
}

static bool give_locks(struct act *act)
{
    act_explain(act, "unlocks");
    weak_unlock(act, POOL_LOCK);
    if (self(act)->job == END_THREAD)
        weak_unlock(act, REGISTRY_LOCK);
    return self(act)->job == END_THREAD ? finish_job(act) : go_on(act, LEAVE);
}

/* ---- the fork ---- */

static bool take_one_fork(struct act *act)
{
    if (!weak_lock(act, ONE_FORK))
        return false;
    act_explain(act, "locks the forks");
    return go_on(act, CLOSE);
}

static bool turn_gate(struct act *act, enum step next)
{
    act_explain(act, "fetch_add: turns the gate");
    weak_exchange(act, TURNS, SEQ_CST, weak_newest(act, TURNS) ^ 1);
    return go_on(act, next);
}

static bool close(struct act *act)
{
    return turn_gate(act, AWAIT_FIRST);
}

static bool await_stripe(struct act *act, unsigned place, enum step next)
{
    if (place != stripe(act) && !weak_await(act, place, order(act, BREAK_INSIDE_RELAXED, RELAXED, SEQ_CST), 0))
        return false;
    act_explain(act, "load: worker %d is not inside", place - INSIDE1 + 1);
    return (place != stripe(act) || act->choice == 0) && go_on(act, next);
}

static bool await_first(struct act *act)
{
    return await_stripe(act, INSIDE1, AWAIT_SECOND);
}

static bool await_second(struct act *act)
{
    return await_stripe(act, INSIDE2, act->breakage == BREAK_LOCKS_FIRST ? HANDLE : FORK_LOCK_REGISTRY);
}

static bool fork_lock(struct act *act, bool first, enum step next)
{
    bool registry = first == (act->breakage != BREAK_LOCKS_REVERSED);
    act_explain(act, "locks the %s, for the fork", registry ? "registry" : "pool");
    return weak_lock(act, registry ? REGISTRY_LOCK : POOL_LOCK) && go_on(act, next);
}

static bool fork_lock_registry(struct act *act)
{
    return fork_lock(act, true, FORK_LOCK_POOL);
}

static bool fork_lock_pool(struct act *act)
{
    return fork_lock(act, false, act->breakage == BREAK_LOCKS_FIRST ? TAKE_ONE_FORK : HANDLE);
}

static bool handle(struct act *act)
{
    if (state_of(act)->mutex != 0)
        return false;
    act_explain(act, "a handler has had the program's mutex");
    return go_on(act, COPY);
}

/* Whether the blocks left are a list, each of them once. */
static bool list_is_good(const struct state *state)
{
    unsigned steps = 0;
    for (uint8_t block = weak_value(&state->memory, LEFT); block != 0 && steps <= 2; steps++) {
        if (state->blocks[block - 1] != LEFT_AT_GATE)
            return false;
        block = weak_value(&state->memory, LINK1 + block - 1u);
    }
    return steps <= 2;
}

/* What is wrong with the child, which has the memory as it is now, and goes on alone. */
static const char *check_child(const struct act *act)
{
    const struct state *state = state_of(act);
    const struct weak_memory *memory = &state->memory;
    uint8_t inside_other = weak_value(memory, INSIDE1) + weak_value(memory, INSIDE2);
    if (weak_value(memory, OWN) & 1 || weak_value(memory, POOL) & 1)
        return "the child's heap is half changed";
    if (!list_is_good(state))
        return "the child's list of blocks left at the gate is torn";
    if (act->breakage == BREAK_CHILD_LOCKED && weak_value(memory, POOL_LOCK) != 0)
        return "the child waits for a lock that nobody gives";
    if (act->breakage == BREAK_CHILD_COUNTS && inside_other != 0)
        return "the child's next fork waits for a thread that is not there";
    if ((weak_value(memory, TURNS) ^ (act->breakage != BREAK_CHILD_IS_CLOSED)) & 1)
        return "the child's gate stays closed";
    return NULL;
}

static bool copy(struct act *act)
{
    act_explain(act, "forks");
    weak_read(act, OWN);
    weak_read(act, POOL);
    const char *wrong = check_child(act);
    if (wrong != NULL)
        act_violate(act, wrong);
    return go_on(act, FORK_GIVE_LOCKS);
}

static bool fork_give_locks(struct act *act)
{
    act_explain(act, "unlocks all");
    weak_unlock(act, POOL_LOCK);
    weak_unlock(act, REGISTRY_LOCK);
    return go_on(act, OPEN);
}

static bool open(struct act *act)
{
    return turn_gate(act, GIVE_ONE_FORK);
}

static bool give_one_fork(struct act *act)
{
    act_explain(act, "unlocks the forks");
    if (act->breakage != BREAK_TWO_FORKS)
        weak_unlock(act, ONE_FORK);
    return finish_job(act);
}

/* ---- the model ---- */

static bool (*const steps[STEPS])(struct act *act) = {
    [REST] = rest,
    [TAKE_MUTEX] = take_mutex,
    [COUNT] = count_inside,
    [LOOK] = look,
    [UNCOUNT] = uncount,
    [WAIT] = wait,
    [READ_LEFT] = read_left,
    [LEAVE_BLOCK] = leave_block,
    [LOOK_FOR_LEFT] = look_for_left,
    [LOAD_LEFT] = load_left,
    [TAKE_LEFT] = take_left,
    [FREE_LEFT] = free_left,
    [TAKE_REGISTRY] = take_registry,
    [TAKE_POOL] = take_pool,
    [CHANGE] = change,
    [FINISH] = finish,
    [GIVE_LOCKS] = give_locks,
    [LEAVE] = leave,
    [GIVE_MUTEX] = give_mutex,
    [TAKE_ONE_FORK] = take_one_fork,
    [CLOSE] = close,
    [AWAIT_FIRST] = await_first,
    [AWAIT_SECOND] = await_second,
    [FORK_LOCK_REGISTRY] = fork_lock_registry,
    [FORK_LOCK_POOL] = fork_lock_pool,
    [HANDLE] = handle,
    [COPY] = copy,
    [FORK_GIVE_LOCKS] = fork_give_locks,
    [OPEN] = open,
    [GIVE_ONE_FORK] = give_one_fork,
};

/* The steps that load something, or wait, look at the choice themselves. */
static bool has_outcomes(enum step step)
{
    return step == LOOK || step == WAIT || step == READ_LEFT || step == LOOK_FOR_LEFT || step == LOAD_LEFT ||
           step == AWAIT_FIRST || step == AWAIT_SECOND;
}

static bool step_once(struct act *act)
{
    enum step step = (enum step)self(act)->step;
    return step != DONE && (has_outcomes(step) || act->choice == 0) && steps[step](act);
}

static void begin(const void *world, void *memory)
{
    const struct configuration *configuration = world;
    struct state *state = memory;
    *state = (struct state){.mutex = 0};
    for (unsigned i = 0; i < AGENTS; i++)
        if (configuration->jobs[i][0] == NOTHING)
            state->agents[i].step = DONE;
}

enum { MOST_MOVES = 32 };

/* Who forks looks who is inside, who works looks at the gate and at what is left there. */
static uint8_t loaded(const struct configuration *configuration, unsigned thread)
{
    bool forks = configuration->jobs[thread][0] == FORK;
    return forks ? 1 << INSIDE1 | 1 << INSIDE2 : 1 << TURNS | 1 << LEFT;
}

static size_t moves_from(const void *world, unsigned breakage, const void *state, bool explain, struct move *moves)
{
    struct act common = {.world = world, .breakage = breakage, .explain = explain};
    for (unsigned i = 0; i < AGENTS; i++)
        common.loads[i] = loaded(world, i);
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

/* Blocks that are left stay so until somebody allocates. */
static const char *check_rest(const void *world, unsigned breakage, const void *memory)
{
    const struct state *state = memory;
    bool listed[2] = {false, false};
    (void)world;
    (void)breakage;
    if (!list_is_good(state))
        return "the list of blocks left at the gate is torn";
    for (uint8_t block = weak_value(&state->memory, LEFT); block != 0;
         block = weak_value(&state->memory, LINK1 + block - 1u))
        listed[block - 1] = true;
    for (unsigned i = 0; i < 2; i++)
        if (state->blocks[i] == LEFT_AT_GATE && !listed[i])
            return "a block left at the gate is lost";
    return weak_value(&state->memory, TURNS) & 1 ? "the gate stays closed" : NULL;
}

static void print_agent(uint8_t agent, const uint8_t *names)
{
    (void)names;
    printf("%s", agent == WORKER1 ? "worker 1" : agent == WORKER2 ? "worker 2" : "forker  ");
}

static void print_state(const void *world, const void *memory)
{
    const struct weak_memory *now = &((const struct state *)memory)->memory;
    (void)world;
    printf(" gate:%s inside=%d,%d left=%d own=%s pool=%s locks=%d,%d,%d\n",
           weak_value(now, TURNS) & 1 ? "closed" : "open", weak_value(now, INSIDE1), weak_value(now, INSIDE2),
           weak_value(now, LEFT), weak_value(now, OWN) & 1 ? "half" : "whole",
           weak_value(now, POOL) & 1 ? "half" : "whole", weak_value(now, REGISTRY_LOCK), weak_value(now, POOL_LOCK),
           weak_value(now, ONE_FORK));
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

enum { FREES, MUTEX, ENDS, TWO_FORKS, LEFT_BLOCKS, SMALL_WORLDS, WORLDS = SMALL_WORLDS + 2 };

static const struct configuration configurations[WORLDS] = {
    [FREES] = {{{FREE}, {FREE}, {FORK}}},
    [MUTEX] = {{{FREE_WITH_MUTEX}, {FREE_WITH_MUTEX}, {FORK}}},
    [ENDS] = {{{FREE, END_THREAD}, {FREE}, {FORK}}},
    [TWO_FORKS] = {{{FREE}, {FORK}, {FORK}}},
    [LEFT_BLOCKS] = {{{FREE}, {FREE, MALLOC}, {FORK}}},
    {{{FREE, MALLOC}, {FREE, MALLOC}, {FORK, FORK}}},
    {{{FREE_WITH_MUTEX, END_THREAD}, {FREE, MALLOC}, {FORK}}},
};

static const struct world worlds[WORLDS] = {
    [FREES] = {"two free", &configurations[FREES]},
    [MUTEX] = {"two free with a mutex", &configurations[MUTEX]},
    [ENDS] = {"a thread ends", &configurations[ENDS]},
    [TWO_FORKS] = {"two fork", &configurations[TWO_FORKS]},
    [LEFT_BLOCKS] = {"blocks left", &configurations[LEFT_BLOCKS]},
    /* From here on: large. */
    {"two forks", &configurations[SMALL_WORLDS]},
    {"all of it", &configurations[SMALL_WORLDS + 1]},
};

static const struct broken breakages[BREAKAGES] = {
    [BREAK_NOTHING] = {"nothing", 0, HOLDS},
    [BREAK_LOOK_RELAXED] = {"look-relaxed", FREES, VIOLATED},
    [BREAK_INSIDE_RELAXED] = {"inside-relaxed", FREES, VIOLATED},
    [BREAK_LOOK_FIRST] = {"look-first", FREES, VIOLATED},
    [BREAK_LEAVE_RELAXED] = {"leave-relaxed", FREES, VIOLATED},
    [BREAK_LOCKS_FIRST] = {"locks-first", FREES, VIOLATED},
    [BREAK_LOCKS_REVERSED] = {"locks-reversed", ENDS, VIOLATED},
    [BREAK_NO_REFUSAL] = {"no-refusal", MUTEX, VIOLATED},
    [BREAK_TWO_FORKS] = {"two-forks", TWO_FORKS, VIOLATED},
    [BREAK_LEFT_RELAXED] = {"left-relaxed", LEFT_BLOCKS, VIOLATED},
    [BREAK_TAKE_RELAXED] = {"take-relaxed", LEFT_BLOCKS, VIOLATED},
    [BREAK_TAKE_TORN] = {"take-torn", LEFT_BLOCKS, VIOLATED},
    [BREAK_CHILD_LOCKED] = {"child-locked", FREES, VIOLATED},
    [BREAK_CHILD_COUNTS] = {"child-counts", FREES, VIOLATED},
    [BREAK_CHILD_IS_CLOSED] = {"child-is-closed", FREES, VIOLATED},
};

SUITE_MAIN("fork")
