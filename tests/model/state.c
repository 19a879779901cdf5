/* SPDX-License-Identifier: MIT */
/* States of the remote-free protocol: the first, the canonical one of those that differ in names only, and for people.
 * See protocol.h. */
#include "tests/model/protocol.h"

#include <stdio.h>
#include <string.h>

void protocol_begin(const struct configuration *configuration, struct state *state)
{
    memset(state, 0, sizeof *state);
    for (size_t i = 0; i < configuration->slabs; i++) {
        state->slabs[i].heap = configuration->home[i];
        state->slabs[i].in_use = configuration->objects;
    }
    for (uint8_t i = 1; i <= configuration->heaps; i++) {
        state->heaps[i - 1].idle = (configuration->idle >> (i - 1) & 1) != 0;
    }
    for (size_t i = 0; i < configuration->freers; i++) {
        state->agents[i].batches = configuration->batches;
    }
    state->allocations = configuration->allocations;
    state->local_frees = configuration->local_frees;
    state->reuses = configuration->reuses;
    state->ends = configuration->ends;
    state->takeovers = configuration->takeovers;
    state->adoptions = configuration->adoptions;
}

static void order_freers(struct state *state, size_t first, size_t second, uint8_t *names)
{
    struct agent *a = &state->agents[first], *b = &state->agents[second];
    if (memcmp(a, b, sizeof *a) <= 0) {
        return;
    }
    struct agent agent = *a;
    *a = *b;
    *b = agent;
    if (names != NULL) {
        uint8_t name = names[first];
        names[first] = names[second];
        names[second] = name;
    }
}

_Static_assert(MAX_FREERS == 3, "protocol_canonical sorts three");

void protocol_canonical(struct state *state, uint8_t names[MAX_AGENTS])
{
    order_freers(state, 0, 1, names);
    order_freers(state, 1, 2, names);
    order_freers(state, 0, 1, names);
}

void protocol_print(const struct configuration *configuration, const struct state *state)
{
    for (size_t i = 0; i < configuration->heaps; i++) {
        printf(" H%zu:%s", i + 1, state->heaps[i].idle ? "idle" : "held");
        if (state->heaps[i].pending) {
            printf(",list=S%d", state->heaps[i].pending);
        }
    }
    for (size_t i = 0; i < configuration->slabs; i++) {
        const struct slab *slab = &state->slabs[i];
        printf(" S%zu:heap=%d,in_use=%#x,local=%#x,remote=%#x,count=%d,owed=%d", i + 1, slab->heap, slab->in_use,
               slab->local, slab->remote, slab->count, slab->owed);
    }
    printf("\n");
}

/* ---- for the explorer ---- */

static void begin(const void *world, void *state)
{
    protocol_begin(world, state);
}

static size_t moves_from(const void *world, unsigned breakage, const void *state, bool explain, struct move *moves)
{
    return protocol_moves(world, (enum breakage)breakage, state, explain, moves);
}

static void make_canonical(void *state, uint8_t *names)
{
    protocol_canonical(state, names);
}

static bool is_busy(const void *world, const void *state)
{
    (void)world;
    return protocol_is_busy(state);
}

static const char *check_rest(const void *world, unsigned breakage, const void *state)
{
    return protocol_check_rest(world, (enum breakage)breakage, state);
}

static void print_agent(uint8_t agent, const uint8_t *names)
{
    if (agent < MAX_FREERS) {
        printf("freer %c     ", 'A' + names[agent]);
    } else {
        printf("thread of H%d", agent - MAX_FREERS + 1);
    }
}

static void print_state(const void *world, const void *state)
{
    protocol_print(world, state);
}

_Static_assert(MAX_AGENTS <= (int)MOST_AGENTS, "the explorer names them");

const struct model protocol_model = {
    .state_size = sizeof(struct state),
    .most_moves = MAX_MOVES,
    .begin = begin,
    .moves = moves_from,
    .canonical = make_canonical,
    .is_busy = is_busy,
    .check_rest = check_rest,
    .print_agent = print_agent,
    .print = print_state,
};
