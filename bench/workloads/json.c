/* SPDX-License-Identifier: MIT */
/* json: documents are parsed into trees, one value after another, and each tree is freed as a whole when it is
 * complete. A burst of small allocations and some reallocs, then as many frees, with nothing left in between.
 *
 * The kinds of values and how often they occur are those of the document twitter.json in: G. Langdale, D. Lemire:
 * Parsing Gigabytes of JSON per Second, VLDB Journal 2019: of its 27000 values two in three are strings, keys included.
 * That one string in four is a message of 10 to 149 bytes and the others are short is our choice. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/workload.h"

#define DOCUMENT 27000u   /* values */
#define NODE_SIZE 48u     /* kind, key, and value or children */
#define FIRST_CHILDREN 4u /* an array of pointers, doubled when it is full */
#define MOST_CHILDREN 64u
#define SHORTEST 5u
#define LONGEST 149u

struct node {
    uint32_t size; /* NODE_SIZE: what block_size sees */
    uint32_t children, room;
    void *string;
    struct node **child;
    char rest[NODE_SIZE - 3 * sizeof(uint32_t) - 4 - 2 * sizeof(void *)];
};

struct state {
    struct node *root;
    struct node *open;   /* the object or array that values are added to */
    uint32_t values;     /* in the tree so far */
    uint64_t live_bytes; /* asked for by the tree */
};

static struct node *new_node(struct state *state)
{
    struct node *node = block_new(NODE_SIZE);
    node->children = node->room = 0;
    node->string = NULL;
    node->child = NULL;
    state->live_bytes += NODE_SIZE;
    return node;
}

static void add_child(struct state *state, struct node *parent, struct node *child)
{
    if (parent->children == parent->room) {
        uint32_t room = parent->room ? 2 * parent->room : FIRST_CHILDREN;
        struct node **grown = realloc(parent->child, room * sizeof(struct node *));
        if (!grown)
            bench_out_of_memory(room * sizeof(struct node *));
        state->live_bytes += (room - parent->room) * sizeof(struct node *);
        parent->child = grown;
        parent->room = room;
    }
    parent->child[parent->children++] = child;
}

static void *new_string(struct state *state, uint32_t random)
{
    uint32_t size = random % 4 == 0 ? 10 + random / 4 % (LONGEST - 9) : SHORTEST + random / 4 % 20;
    state->live_bytes += size;
    return block_new(size);
}

/* One in 11 values is an object or an array; of the others three in four are strings. */
static void parse_value(struct bench_worker *worker)
{
    struct state *state = worker->state;
    uint32_t random = worker_next(worker);
    struct node *node = new_node(state);
    state->values++;
    if (!state->root) {
        state->root = state->open = node;
        return;
    }
    add_child(state, state->open, node);
    random >>= 8;
    if (random % 11 == 0)
        state->open = node;
    else if (random / 11 % 4 != 0)
        node->string = new_string(state, random / 44);
    if (state->open->children >= MOST_CHILDREN || (random / 44 % 16 == 0 && state->open->children >= FIRST_CHILDREN))
        state->open = state->root;
}

/* Two levels below the root at most are ever open, but what was opened there stays: the recursion is as deep as the
 * tree. */
static void free_tree(struct node *node)
{
    for (uint32_t index = 0; index < node->children; index++)
        free_tree(node->child[index]);
    if (node->string) {
        block_size(node->string, SHORTEST, LONGEST);
        free(node->string);
    }
    free(node->child);
    block_size(node, NODE_SIZE, NODE_SIZE);
    free(node);
}

static void free_document(struct state *state)
{
    if (state->root)
        free_tree(state->root);
    state->root = state->open = NULL;
    state->values = 0;
    state->live_bytes = 0;
}

static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    for (; count > 0; count--) {
        parse_value(worker);
        if (state->values == DOCUMENT)
            free_document(state);
    }
}

static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    worker->live_requested_bytes = state->live_bytes;
    free_document(state);
}

const struct workload workload_json = {
    .name = "json",
    .what = "documents of 27000 values are parsed into trees of small nodes, strings and growing arrays; each tree is "
            "freed as a whole",
    .operation = "one value parsed and, at the document's end, freed",
    .source = "Langdale and Lemire: Parsing Gigabytes of JSON per Second, VLDB Journal 2019",
    .threads_step = 1,
    .operations = 15000000,
    .warmup = 3 * DOCUMENT,
    .state_bytes = sizeof(struct state),
    .step = step,
    .finish = finish,
};
