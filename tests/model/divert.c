/* SPDX-License-Identifier: MIT */
/*
 * Counted stacks while the heap profile goes on and off (lib/thread/counted_stack.h, divert.h, pointer_stack.h,
 * sample_switch), by the memory orders of the code: no block is handed out twice, lost or stranded whenever a thread
 * sees the table switched; who asks for a stack's height while it is handed over gets no nonsense; the last switch that
 * was asked for is the one that holds; and a thread without a cache finds the empty stack behind each class.
 *
 * One thread allocates and frees, with one class. Its stack lies in one of two memories, the counted stack in the
 * other. Below it: weak.h, suite.h.
 */
#include "tests/model/suite.h"
#include "tests/model/weak.h"

#include <stdio.h>
#include <string.h>

enum breakage {
    BREAK_NOTHING,
    BREAK_TABLE_TWICE,    /* malloc looks into the table once for the top and once more to write it back */
    BREAK_ONTO_COUNTED,   /* who hands a stack over does not ask for blocks in the counted one: harmless, whoever comes
                             there has found it empty */
    BREAK_LEFT_BEHIND,    /* a refill does not ask for what is left in the counted stack */
    BREAK_NO_DIVERT,      /* a stack changes its memory without being none in between */
    BREAK_NO_FENCE,       /* the release fence of a stack that changes its memory is left out */
    BREAK_READ_NO_FENCE,  /* the reader's acquire fence is left out */
    BREAK_BOTTOM_RELAXED, /* the new bottom is stored relaxed */
    BREAK_NO_BOUND,       /* a height is taken for one however large it is */
    BREAK_WANTED_RELAXED, /* which way the switch is wanted is written and read relaxed */
    BREAK_CLAIM_RELAXED,  /* the claim is given back by a release only */
    BREAK_SWITCH_ONCE,    /* who has switched does not look whether another way is wanted by now */
    BREAK_START_UNFENCED, /* the table is written without a fence behind the stacks that it leads to */
    BREAKAGES
};

enum { HOLDER, READER, SWITCHER1, SWITCHER2, AGENTS };

/* A position in one of the memories is the memory's number * MEMORY, and how high, and one; 0 is DIVERT_STACK. */
enum { MEMORY = 16, CAPACITY = 3, BLOCKS = 3 };

enum place {
    TABLE,  /* size_class_table: 1 while it sends malloc to the counted class */
    TOP,    /* of the class's stack */
    BOTTOM, /* of it */
    WANTED, /* as sample_switch was asked for */
    CLAIM,
};
_Static_assert((int)CLAIM < (int)WEAK_LOADED, "all places are there");

enum step {
    REST,
    LOOK_UP, /* malloc */
    POP,
    POP_SLOWLY,
    REFILL,
    HAND_OVER, /* a stack's memory to the counted one, in four steps */
    HAND_OVER_FENCE,
    HAND_OVER_TOP,
    HAND_OVER_BOTTOM,
    READ_BOTTOM, /* pointer_stack_height */
    READ_TOP,
    READ_FENCE,
    READ_AGAIN,
    TAKE_CLAIM, /* sample_switch */
    READ_WANTED,
    SWITCH,
    GIVE_CLAIM,
    LOOK_AGAIN,
    START_FENCE, /* divert_start, size_class_start */
    START_TABLE,
    FIND_STACK, /* a thread without a cache */
    DONE,
    STEPS
};

enum { IN_HEAP, IN_STACK, IN_USE }; /* ghost: where a block is */

struct agent {
    uint8_t step;
    uint8_t counted; /* what the holder has seen of the table */
    uint8_t wanted;  /* a switcher's */
    uint8_t bottom, top;
    uint8_t unused[3];
};

struct state {
    struct weak_memory memory;
    struct agent agents[AGENTS];
    uint8_t stacks[2][CAPACITY]; /* the memories: blocks' numbers and one */
    uint8_t counted_memory, counted_height;
    uint8_t blocks[BLOCKS];
    uint8_t mallocs, frees, hand_overs;
    uint8_t
        unused[(8 - (sizeof(struct weak_memory) + sizeof(struct agent) * AGENTS + 2 * CAPACITY + 5 + BLOCKS) % 8) % 8];
};
_Static_assert(sizeof(struct state) % sizeof(uint64_t) == 0, "states are hashed by words of 64 bits");

struct configuration {
    uint8_t mallocs, frees, hand_overs, reads;
    uint8_t switchers; /* the first asks for the profile, the second for none */
    bool is_on;        /* the profile, at first */
    uint8_t first;     /* the memory that the stack lies in at first */
    bool starts;       /* the process starts, and a thread without a cache comes */
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
    if (step == DONE) {
        memset(&self(act)->counted, 0, sizeof *self(act) - offsetof(struct agent, counted));
        weak_end(act);
    }
    return true;
}

static enum order order(const struct act *act, enum breakage breakage, enum order weaker, enum order own)
{
    return act->breakage == (unsigned)breakage ? weaker : own;
}

/* ---- malloc and free ---- */

static bool has_block(const struct act *act, uint8_t block)
{
    uint8_t *where = &state_of(act)->blocks[block - 1];
    if (*where == IN_USE)
        act_violate(act, "a block is handed out twice");
    *where = IN_USE;
    act_explain(act, "gets block %d", block);
    self(act)->counted = 0;
    return go_on(act, REST);
}

static unsigned height(const struct act *act)
{
    return (weak_newest(act, TOP) - 1u) % MEMORY;
}

static uint8_t *stack_memory(const struct act *act)
{
    return state_of(act)->stacks[(weak_newest(act, TOP) - 1u) / MEMORY];
}

/* The holder sees its own stores. */
static uint8_t pop_own(const struct act *act)
{
    if (height(act) == 0)
        return 0;
    uint8_t block = stack_memory(act)[height(act) - 1];
    weak_store(act, TOP, RELAXED, (uint8_t)(weak_newest(act, TOP) - 1));
    stack_memory(act)[height(act)] = 0;
    return block;
}

static uint8_t pop_counted(const struct act *act)
{
    struct state *state = state_of(act);
    if (state->counted_height == 0)
        return 0;
    uint8_t *place = &state->stacks[state->counted_memory][--state->counted_height], block = *place;
    *place = 0;
    return block;
}

/* Block number ABOVE of those that are pushed with one store of the top. */
static void place_block(const struct act *act, uint8_t block, unsigned above)
{
    stack_memory(act)[height(act) + above] = block;
    state_of(act)->blocks[block - 1] = IN_STACK;
}

static void push_own(const struct act *act, uint8_t block)
{
    place_block(act, block, 0);
    weak_store(act, TOP, RELAXED, (uint8_t)(weak_newest(act, TOP) + 1));
}

static bool look_up(struct act *act)
{
    if (!weak_load(act, TABLE, RELAXED, &self(act)->counted))
        return false;
    act_explain(act, "load: the table has %s", self(act)->counted ? "the counted class" : "the class");
    return go_on(act, POP);
}

/* The fast path. Whichever it looks at, it writes back to the same. */
static bool pop(struct act *act)
{
    struct state *state = state_of(act);
    uint8_t again = self(act)->counted;
    if (act->breakage == BREAK_TABLE_TWICE && !weak_load(act, TABLE, RELAXED, &again))
        return false;
    if (act->breakage != BREAK_TABLE_TWICE && act->choice > 0)
        return false;
    uint8_t block = self(act)->counted ? pop_counted(act) : pop_own(act);
    if (block != 0 && again != self(act)->counted) { /* the top that was read stays as it was */
        if (self(act)->counted)
            state->stacks[state->counted_memory][state->counted_height++] = block;
        else
            push_own(act, block);
    }
    if (block != 0)
        return has_block(act, block);
    act_explain(act, "finds nothing in the %s", self(act)->counted ? "counted stack" : "stack");
    return go_on(act, POP_SLOWLY);
}

/* malloc_slow: whether it sees the profile on or not (choice 1), and that it hands the stack over, or the gate is
 * closed by a fork. */
static bool pop_slowly(struct act *act)
{
    struct state *state = state_of(act);
    bool on = act->choice != 1, may_hand_over = act->choice == 2;
    if (act->choice > 2)
        return false;
    act_explain(act, "malloc_slow, the profile is %s: ", on ? "on" : "off");
    uint8_t block = on && act->breakage != BREAK_ONTO_COUNTED ? pop_counted(act) : 0;
    if (block != 0)
        return has_block(act, block);
    block = pop_own(act);
    if (block == 0) {
        act_explain(act, "nothing in the stack");
        return go_on(act, REFILL);
    }
    bool hands_over = may_hand_over && height(act) > 0 && state->hand_overs > 0;
    has_block(act, block);
    return hands_over ? go_on(act, HAND_OVER) : true;
}

static bool refill(struct act *act)
{
    struct state *state = state_of(act);
    uint8_t left = act->breakage == BREAK_LEFT_BEHIND ? 0 : pop_counted(act);
    if (left != 0)
        return has_block(act, left);
    if (state->counted_height != 0)
        act_violate(act, "blocks are stranded in a counted stack");
    act_explain(act, "refills: ");
    uint8_t got = 0, last = 0;
    for (uint8_t block = 1; block <= BLOCKS; block++) {
        if (state->blocks[block - 1] != IN_HEAP)
            continue;
        if (last != 0)
            place_block(act, last, got++);
        last = block;
    }
    if (got != 0)
        weak_store(act, TOP, RELAXED, (uint8_t)(weak_newest(act, TOP) + got));
    if (last != 0)
        return has_block(act, last);
    act_explain(act, "there is no memory");
    self(act)->counted = 0;
    return go_on(act, REST);
}

static bool free_block(struct act *act)
{
    struct state *state = state_of(act);
    unsigned wanted = act->choice;
    for (uint8_t block = 1; block <= BLOCKS; block++) {
        if (state->blocks[block - 1] == IN_USE && wanted-- == 0) {
            act_explain(act, "free: pushes block %d", block);
            state->frees--;
            push_own(act, block);
            return true;
        }
    }
    return false;
}

/* ---- a stack changes its memory ---- */

static bool hand_over(struct act *act)
{
    act_explain(act, "store: the stack is none");
    if (act->breakage != BREAK_NO_DIVERT)
        weak_store(act, BOTTOM, RELEASE, 0);
    return go_on(act, HAND_OVER_FENCE);
}

static bool hand_over_fence(struct act *act)
{
    act_explain(act, "release fence");
    if (act->breakage != BREAK_NO_FENCE)
        weak_fence(act, RELEASE);
    return go_on(act, HAND_OVER_TOP);
}

static bool hand_over_top(struct act *act)
{
    struct state *state = state_of(act);
    uint8_t other = state->counted_memory;
    state->counted_memory ^= 1;
    state->counted_height = (uint8_t)height(act);
    for (unsigned i = 0; i < CAPACITY; i++) {
        if (state->stacks[other][i] != 0)
            act_violate(act, "a block is lost");
    }
    act_explain(act, "store: the top, in the other memory");
    weak_store(act, TOP, RELAXED, (uint8_t)(other * MEMORY + 1));
    return go_on(act, HAND_OVER_BOTTOM);
}

static bool hand_over_bottom(struct act *act)
{
    act_explain(act, "store: the bottom, the same");
    weak_store(act, BOTTOM, order(act, BREAK_BOTTOM_RELAXED, RELAXED, RELEASE), weak_newest(act, TOP));
    state_of(act)->hand_overs--;
    return go_on(act, REST);
}

/* ---- a stack's height, for another thread ---- */

static bool read_bottom(struct act *act)
{
    if (!weak_load(act, BOTTOM, ACQUIRE, &self(act)->bottom))
        return false;
    act_explain(act, "load: the bottom is %d", self(act)->bottom);
    return go_on(act, READ_TOP);
}

static bool read_top(struct act *act)
{
    if (!weak_load(act, TOP, RELAXED, &self(act)->top))
        return false;
    act_explain(act, "load: the top is %d", self(act)->top);
    return go_on(act, READ_FENCE);
}

static bool read_fence(struct act *act)
{
    act_explain(act, "acquire fence");
    if (act->breakage != BREAK_READ_NO_FENCE)
        weak_fence(act, ACQUIRE);
    return go_on(act, READ_AGAIN);
}

/* A stack that was handed over once, while it was looked at, has no height; one that was handed over and back may seem
 * to have one that it never had, but none that is too large. */
static bool read_again(struct act *act)
{
    const struct configuration *configuration = act->world;
    struct agent *agent = self(act);
    uint8_t bottom;
    if (!weak_load(act, BOTTOM, RELAXED, &bottom))
        return false;
    bool is_none = bottom != agent->bottom || bottom == 0 || agent->top < bottom;
    unsigned height = is_none ? 0 : agent->top - (unsigned)bottom;
    if (height > CAPACITY && configuration->hand_overs > 1 && act->breakage != BREAK_NO_BOUND)
        height = 0;
    act_explain(act, "load: the bottom is %d, so the height is %u", bottom, height);
    if (height > CAPACITY)
        act_violate(act, "a height is none of one stack");
    return go_on(act, DONE);
}

/* ---- the switch ---- */

static bool begin_switch(struct act *act)
{
    self(act)->wanted = act->thread == SWITCHER1;
    act_explain(act, "store: the profile is wanted %s", self(act)->wanted ? "on" : "off");
    weak_store(act, WANTED, order(act, BREAK_WANTED_RELAXED, RELAXED, SEQ_CST), self(act)->wanted);
    return go_on(act, TAKE_CLAIM);
}

/* A compare-and-swap that fails is a load. */
static bool take_claim(struct act *act)
{
    bool is_free = weak_newest(act, CLAIM) == 0;
    if (is_free && act->choice == 0) {
        act_explain(act, "compare-and-swap: has the claim");
        weak_exchange(act, CLAIM, SEQ_CST, 1);
        return go_on(act, READ_WANTED);
    }
    act->choice -= is_free;
    act_explain(act, "compare-and-swap: somebody has the claim");
    return weak_await(act, CLAIM, SEQ_CST, 1) && go_on(act, DONE);
}

static bool read_wanted(struct act *act)
{
    if (!weak_load(act, WANTED, order(act, BREAK_WANTED_RELAXED, RELAXED, SEQ_CST), &self(act)->wanted))
        return false;
    act_explain(act, "load: wanted is %s", self(act)->wanted ? "on" : "off");
    return go_on(act, SWITCH);
}

static bool switch_table(struct act *act)
{
    act_explain(act, "store: the table has %s", self(act)->wanted ? "the counted class" : "the class");
    weak_store(act, TABLE, RELAXED, self(act)->wanted);
    return go_on(act, GIVE_CLAIM);
}

static bool give_claim(struct act *act)
{
    act_explain(act, "store: gives the claim back");
    weak_store(act, CLAIM, order(act, BREAK_CLAIM_RELAXED, RELEASE, SEQ_CST), 0);
    return go_on(act, act->breakage == BREAK_SWITCH_ONCE ? DONE : LOOK_AGAIN);
}

static bool look_again(struct act *act)
{
    uint8_t wanted;
    if (!weak_load(act, WANTED, order(act, BREAK_WANTED_RELAXED, RELAXED, SEQ_CST), &wanted))
        return false;
    act_explain(act, "load: wanted is %s", wanted ? "on" : "off");
    return go_on(act, wanted != self(act)->wanted ? TAKE_CLAIM : DONE);
}

/* ---- the start ---- */

static bool begin_start(struct act *act)
{
    act_explain(act, "store: the stack of the class is the empty one");
    weak_store(act, TOP, RELAXED, 1);
    return go_on(act, START_FENCE);
}

static bool start_fence(struct act *act)
{
    act_explain(act, "release fence");
    if (act->breakage != BREAK_START_UNFENCED)
        weak_fence(act, RELEASE);
    return go_on(act, START_TABLE);
}

static bool start_table(struct act *act)
{
    act_explain(act, "store: the table has the class");
    weak_store(act, TABLE, RELAXED, 1);
    return go_on(act, DONE);
}

/* Relaxed in the code: the next address depends on it, so that the processor orders the two like an acquire. */
static bool read_table(struct act *act)
{
    uint8_t class;
    if (!weak_load(act, TABLE, ACQUIRE, &class))
        return false;
    act_explain(act, "load: the table has %s", class ? "the class" : "the first class");
    return go_on(act, class ? FIND_STACK : DONE);
}

static bool find_stack(struct act *act)
{
    uint8_t top;
    if (!weak_load(act, TOP, RELAXED, &top))
        return false;
    act_explain(act, "load: the stack is %s", top ? "the empty one" : "not there");
    if (top == 0)
        act_violate(act, "a thread without a cache finds no stack");
    return go_on(act, DONE);
}

/* ---- the model ---- */

static bool rest_of_holder(struct act *act)
{
    struct state *state = state_of(act);
    if (state->mallocs > 0 && act->choice == 0) {
        state->mallocs--;
        act_explain(act, "malloc");
        return go_on(act, LOOK_UP);
    }
    act->choice -= state->mallocs > 0;
    return state->frees > 0 && free_block(act);
}

static bool rest(struct act *act)
{
    const struct configuration *configuration = act->world;
    if (act->thread == HOLDER)
        return rest_of_holder(act);
    if (act->thread == READER)
        return configuration->starts ? read_table(act) : read_bottom(act);
    return act->choice == 0 && (configuration->starts ? begin_start(act) : begin_switch(act));
}

static bool (*const steps[STEPS])(struct act *act) = {
    [REST] = rest,
    [LOOK_UP] = look_up,
    [POP] = pop,
    [POP_SLOWLY] = pop_slowly,
    [REFILL] = refill,
    [HAND_OVER] = hand_over,
    [HAND_OVER_FENCE] = hand_over_fence,
    [HAND_OVER_TOP] = hand_over_top,
    [HAND_OVER_BOTTOM] = hand_over_bottom,
    [READ_BOTTOM] = read_bottom,
    [READ_TOP] = read_top,
    [READ_FENCE] = read_fence,
    [READ_AGAIN] = read_again,
    [TAKE_CLAIM] = take_claim,
    [READ_WANTED] = read_wanted,
    [SWITCH] = switch_table,
    [GIVE_CLAIM] = give_claim,
    [LOOK_AGAIN] = look_again,
    [START_FENCE] = start_fence,
    [START_TABLE] = start_table,
    [FIND_STACK] = find_stack,
};

static bool has_one_outcome(enum step step)
{
    return step == REFILL || (step >= HAND_OVER && step <= HAND_OVER_BOTTOM) || step == READ_FENCE || step == SWITCH ||
           step == GIVE_CLAIM || step == START_FENCE || step == START_TABLE;
}

static bool step_once(struct act *act)
{
    enum step step = (enum step)self(act)->step;
    return step != DONE && (act->choice == 0 || !has_one_outcome(step)) && steps[step](act);
}

static void begin(const void *world, void *memory)
{
    const struct configuration *configuration = world;
    struct state *state = memory;
    *state = (struct state){.counted_memory = !configuration->first,
                            .mallocs = configuration->mallocs,
                            .frees = configuration->frees,
                            .hand_overs = configuration->hand_overs};
    uint8_t bottom = (uint8_t)(configuration->first * MEMORY + 1);
    weak_begin(&state->memory, BOTTOM, bottom);
    weak_begin(&state->memory, TOP, configuration->starts ? 0 : bottom);
    weak_begin(&state->memory, TABLE, configuration->is_on);
    weak_begin(&state->memory, WANTED, configuration->is_on);
    if (configuration->mallocs == 0)
        state->agents[HOLDER].step = DONE;
    if (configuration->reads == 0 && !configuration->starts)
        state->agents[READER].step = DONE;
    for (uint8_t i = configuration->starts ? 1 : configuration->switchers; i < 2; i++)
        state->agents[SWITCHER1 + i].step = DONE;
}

enum { MOST_MOVES = 64 };

static size_t moves_from(const void *world, unsigned breakage, const void *state, bool explain, struct move *moves)
{
    enum {
        OF_HOLDER = 1 << TABLE,
        OF_READER = 1 << TABLE | 1 << TOP | 1 << BOTTOM,
        OF_SWITCHER = 1 << WANTED | 1 << CLAIM,
        OF_NOBODY = 1 << WEAK_LOADED,
    };
    const struct configuration *configuration = world;
    bool reads = configuration->reads != 0 || configuration->starts;
    struct act common = {.world = world,
                         .breakage = breakage,
                         .explain = explain,
                         .loads = {OF_HOLDER, reads ? OF_READER : OF_NOBODY, OF_SWITCHER, OF_SWITCHER}};
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

static const char *check_rest(const void *world, unsigned breakage, const void *memory)
{
    const struct configuration *configuration = world;
    const struct state *state = memory;
    unsigned in_stacks = 0, in_memories = 0;
    (void)breakage;
    for (unsigned i = 0; i < BLOCKS; i++)
        in_stacks += state->blocks[i] == IN_STACK;
    for (unsigned i = 0; i < 2 * CAPACITY; i++)
        in_memories += state->stacks[i / CAPACITY][i % CAPACITY] != 0;
    if (in_stacks != in_memories)
        return "a block is lost";
    bool switched = state->agents[SWITCHER1].step == DONE && state->agents[SWITCHER2].step == DONE;
    if (!configuration->starts && switched && weak_value(&state->memory, TABLE) != weak_value(&state->memory, WANTED))
        return "the table is not as it was wanted last";
    return NULL;
}

static void print_agent(uint8_t agent, const uint8_t *names)
{
    static const char *const of[AGENTS] = {"holder    ", "reader    ", "switcher 1", "switcher 2"};
    (void)names;
    printf("%s", of[agent]);
}

static void print_state(const void *world, const void *memory)
{
    const struct state *state = memory;
    (void)world;
    printf(" table=%d bottom=%d top=%d counted=%d wanted=%d claim=%d\n", weak_value(&state->memory, TABLE),
           weak_value(&state->memory, BOTTOM), weak_value(&state->memory, TOP), state->counted_height,
           weak_value(&state->memory, WANTED), weak_value(&state->memory, CLAIM));
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

enum { BLOCK_LIVES, HEIGHT, HEIGHT_DOWN, HEIGHTS, SWITCHES, START, SMALL_WORLDS, ALL = SMALL_WORLDS, WORLDS };

static const struct configuration configurations[WORLDS] = {
    [BLOCK_LIVES] = {.mallocs = 4, .frees = 2, .hand_overs = 2, .switchers = 2},
    [HEIGHT] = {.mallocs = 3, .frees = 1, .hand_overs = 1, .reads = 1, .switchers = 1, .is_on = true},
    [HEIGHT_DOWN] = {.mallocs = 3, .frees = 1, .hand_overs = 1, .reads = 1, .is_on = true, .first = 1},
    [HEIGHTS] = {.mallocs = 4, .frees = 2, .hand_overs = 2, .reads = 1, .is_on = true},
    [SWITCHES] = {.mallocs = 1, .switchers = 2},
    [START] = {.starts = true},
    [ALL] = {.mallocs = 7, .frees = 5, .hand_overs = 3, .switchers = 2},
};

static const struct world worlds[WORLDS] = {
    [BLOCK_LIVES] = {"blocks", &configurations[BLOCK_LIVES]},
    [HEIGHT] = {"a height", &configurations[HEIGHT]},
    [HEIGHT_DOWN] = {"a height, downwards", &configurations[HEIGHT_DOWN]},
    [HEIGHTS] = {"heights", &configurations[HEIGHTS]},
    [SWITCHES] = {"switches", &configurations[SWITCHES]},
    [START] = {"start", &configurations[START]},
    /* From here on: large. */
    [ALL] = {"all of it", &configurations[ALL]},
};

static const struct broken breakages[BREAKAGES] = {
    [BREAK_NOTHING] = {"nothing", 0, HOLDS},
    [BREAK_TABLE_TWICE] = {"table-twice", BLOCK_LIVES, VIOLATED},
    [BREAK_ONTO_COUNTED] = {"onto-counted", BLOCK_LIVES, HOLDS},
    [BREAK_LEFT_BEHIND] = {"left-behind", BLOCK_LIVES, VIOLATED},
    [BREAK_NO_DIVERT] = {"no-divert", HEIGHT, VIOLATED},
    [BREAK_NO_FENCE] = {"no-fence", HEIGHT, VIOLATED},
    [BREAK_READ_NO_FENCE] = {"read-no-fence", HEIGHT, VIOLATED},
    [BREAK_BOTTOM_RELAXED] = {"bottom-relaxed", HEIGHT_DOWN, VIOLATED},
    [BREAK_NO_BOUND] = {"no-bound", HEIGHTS, VIOLATED},
    [BREAK_WANTED_RELAXED] = {"wanted-relaxed", SWITCHES, VIOLATED},
    [BREAK_CLAIM_RELAXED] = {"claim-relaxed", SWITCHES, VIOLATED},
    [BREAK_SWITCH_ONCE] = {"switch-once", SWITCHES, VIOLATED},
    [BREAK_START_UNFENCED] = {"start-unfenced", START, VIOLATED},
};

SUITE_MAIN("divert")
