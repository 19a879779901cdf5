/* SPDX-License-Identifier: MIT */
/*
 * Breadth-first search over the states of a model. The visited states lie in the order of their discovery in one
 * array, which thereby is the queue as well; a hash table of their positions finds them again.
 */
#include "tests/model/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    /* States, origins and the table stay below 1 GiB, the moment of growing included; only what is used becomes
       resident. */
    MAX_STATES = 6000000,
    FIRST_TABLE_SLOTS = 1 << 16, /* a power of two; doubled when half full */
};

struct origin {
    uint32_t parent; /* position of the state before */
    uint32_t choice; /* which of that state's moves */
};

struct search {
    const struct model *model;
    const void *world;
    unsigned breakage;
    char *states;
    struct origin *origins;
    uint32_t *table; /* position + 1, 0 when empty */
    size_t slots;    /* of the table */
    size_t count;
};

/* The state before the violation, and the move that breaks the rule; NO_MOVE where the state itself breaks it. */
struct finding {
    const char *violation;
    uint32_t state;
    uint32_t choice;
};

enum { NO_MOVE = UINT16_MAX };

static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void unmap(void *memory, size_t size)
{
    if (memory != NULL) {
        munmap(memory, size);
    }
}

static void *state_at(const struct search *search, size_t position)
{
    return search->states + position * search->model->state_size;
}

static bool search_open(struct search *search)
{
    search->states = map(MAX_STATES * search->model->state_size);
    search->origins = map(MAX_STATES * sizeof *search->origins);
    search->slots = FIRST_TABLE_SLOTS;
    search->table = calloc(search->slots, sizeof *search->table);
    return search->states != NULL && search->origins != NULL && search->table != NULL;
}

static void search_close(struct search *search)
{
    unmap(search->states, MAX_STATES * search->model->state_size);
    unmap(search->origins, MAX_STATES * sizeof *search->origins);
    free(search->table);
}

static size_t hash(const struct search *search, const void *state)
{
    uint64_t sum = 0;
    for (size_t offset = 0; offset < search->model->state_size; offset += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, (const char *)state + offset, sizeof word);
        sum = (sum ^ word) * UINT64_C(0x9E3779B97F4A7C15); /* 2^64 divided by the golden ratio */
        sum ^= sum >> 32;
    }
    return (size_t)sum;
}

/* The slot that holds STATE, or the empty one where it belongs. */
static uint32_t *find_slot(const struct search *search, const void *state)
{
    size_t slot = hash(search, state) & (search->slots - 1), size = search->model->state_size;
    while (search->table[slot] != 0 && memcmp(state_at(search, search->table[slot] - 1), state, size) != 0) {
        slot = (slot + 1) & (search->slots - 1);
    }
    return &search->table[slot];
}

static bool grow_table(struct search *search)
{
    free(search->table);
    search->slots *= 2;
    search->table = calloc(search->slots, sizeof *search->table);
    if (search->table == NULL) {
        return false;
    }
    for (size_t i = 0; i < search->count; i++) {
        *find_slot(search, state_at(search, i)) = (uint32_t)(i + 1);
    }
    return true;
}

/* Whether the states that one more state leads to can be added. */
static bool make_room(struct search *search)
{
    size_t needed = search->count + search->model->most_moves;
    return needed <= MAX_STATES && (needed <= search->slots / 2 || grow_table(search));
}

/* Adds STATE unless it is known. The caller made room. */
static void add(struct search *search, const void *state, struct origin origin)
{
    uint32_t *slot = find_slot(search, state);
    if (*slot != 0) {
        return;
    }
    memcpy(state_at(search, search->count), state, search->model->state_size);
    search->origins[search->count] = origin;
    *slot = (uint32_t)++search->count;
}

static bool note(struct finding *finding, const char *violation, uint32_t state, uint32_t choice)
{
    if (violation != NULL) {
        *finding = (struct finding){violation, state, choice};
    }
    return violation != NULL;
}

static void make_canonical(const struct search *search, void *state, uint8_t *names)
{
    if (search->model->canonical != NULL) {
        search->model->canonical(state, names);
    }
}

/* Follows all moves from the state at POSITION. Returns whether a violation was found. */
static bool expand(struct search *search, uint32_t position, struct move *moves, struct finding *finding)
{
    const struct model *model = search->model;
    const void *state = state_at(search, position);
    bool busy = model->is_busy(search->world, state);
    if (!busy && note(finding, model->check_rest(search->world, search->breakage, state), position, NO_MOVE)) {
        return true;
    }
    size_t count = model->moves(search->world, search->breakage, state, false, moves);
    if (busy && count == 0) {
        return note(finding, "all threads wait for each other", position, NO_MOVE);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (note(finding, moves[i].violation, position, i)) {
            return true;
        }
        make_canonical(search, moves[i].after, NULL);
        add(search, moves[i].after, (struct origin){position, i});
    }
    return false;
}

static size_t history_length(const struct search *search, const struct finding *finding)
{
    size_t length = finding->choice == NO_MOVE ? 0 : 1;
    for (uint32_t state = finding->state; state != 0; state = search->origins[state].parent) {
        length++;
    }
    return length;
}

static void print_move(const struct search *search, const struct move *move, const uint8_t *names)
{
    printf("    ");
    search->model->print_agent(move->agent, names);
    printf(" %-72s |", move->text);
    search->model->print(search->world, move->after);
}

/* From the first state on, by CHOICES. STATE: memory for one. */
static void print_moves(const struct search *search, const uint32_t *choices, size_t length, struct move *moves,
                        void *state)
{
    uint8_t names[MOST_AGENTS];
    for (uint8_t i = 0; i < MOST_AGENTS; i++) {
        names[i] = i;
    }
    memcpy(state, search->states, search->model->state_size);
    for (size_t i = 0; i < length; i++) {
        search->model->moves(search->world, search->breakage, state, true, moves);
        print_move(search, &moves[choices[i]], names);
        memcpy(state, moves[choices[i]].after, search->model->state_size);
        make_canonical(search, state, names);
    }
}

static void print_history(const struct search *search, const struct finding *finding, struct move *moves)
{
    size_t length = history_length(search, finding);
    uint32_t *choices = malloc((length + 1) * sizeof *choices);
    void *state = malloc(search->model->state_size);
    if (choices == NULL || state == NULL) {
        printf("    (no memory for the history)\n");
        free(choices);
        free(state);
        return;
    }
    size_t next = length;
    if (finding->choice != NO_MOVE) {
        choices[--next] = finding->choice;
    }
    for (uint32_t position = finding->state; position != 0; position = search->origins[position].parent) {
        choices[--next] = search->origins[position].choice;
    }
    print_moves(search, choices, length, moves, state);
    printf("    => %s\n", finding->violation);
    free(choices);
    free(state);
}

static struct outcome search_all(struct search *search, struct move *moves, bool print)
{
    struct finding finding = {0};
    search->model->begin(search->world, moves[0].after);
    make_canonical(search, moves[0].after, NULL);
    add(search, moves[0].after, (struct origin){0});
    for (uint32_t position = 0; position < search->count; position++) {
        if (!make_room(search)) {
            return (struct outcome){TOO_LARGE, NULL, search->count, 0};
        }
        if (expand(search, position, moves, &finding)) {
            if (print) {
                print_history(search, &finding, moves);
            }
            return (struct outcome){VIOLATED, finding.violation, search->count, history_length(search, &finding)};
        }
    }
    return (struct outcome){HOLDS, NULL, search->count, 0};
}

/* As many moves as there may be from one state, each with memory for the state after it, in one piece; NULL without
 * memory. */
static struct move *new_moves(const struct model *model)
{
    struct move *moves = malloc(model->most_moves * (sizeof *moves + model->state_size));
    for (size_t i = 0; moves != NULL && i < model->most_moves; i++) {
        moves[i].after = (char *)(moves + model->most_moves) + i * model->state_size;
    }
    return moves;
}

struct outcome explore(const struct model *model, const void *world, unsigned breakage, bool print)
{
    struct search search = {.model = model, .world = world, .breakage = breakage};
    struct outcome outcome = {.verdict = TOO_LARGE};
    struct move *moves = new_moves(model);
    if (search_open(&search) && moves != NULL) {
        outcome = search_all(&search, moves, print);
    }
    search_close(&search);
    free(moves);
    return outcome;
}
