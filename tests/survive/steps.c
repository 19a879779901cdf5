/* SPDX-License-Identifier: MIT */
#include "tests/survive/steps.h"

#include "tests/harness/pattern.h"

#include <hakmem/hakmem.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind {
    MALLOC,
    CALLOC,
    REALLOC,
    REALLOCARRAY,
    POSIX_MEMALIGN,
    ALIGNED_ALLOC,
    MEMALIGN,
    VALLOC,
    PVALLOC,
    FREE,
    FREE_SIZED,
    FREE_ALIGNED_SIZED,
    LOOK, /* at the block's bytes and its usable size */
    TRIM,
    STATISTICS,
    KINDS
};

struct step {
    enum kind kind;
    unsigned slot;
    size_t size;
    size_t alignment;
    uint64_t fill;    /* seed of the pattern */
    bool to_the_brim; /* the block is filled as far as malloc_usable_size says */
};

#define SLOTS 512

static struct slot {
    atomic_flag taken; /* acquire when it is set, release when it is cleared: the slot's fields pass with it */
    unsigned char *block;
    size_t size;      /* as asked for */
    size_t filled;    /* bytes of the pattern */
    size_t alignment; /* as asked for; 0: none */
    enum kind sized;  /* which of the sized frees C allows for the block, or FREE */
    uint64_t fill;
} slots[SLOTS];

static atomic_bool stop; /* relaxed: a hint */
static const struct steps *playing;

/* --- steps -------------------------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* In a hundred. */
static const struct {
    enum kind kind;
    unsigned share;
} shares[] = {{MALLOC, 30},       {CALLOC, 8},   {REALLOC, 14},   {REALLOCARRAY, 2},      {POSIX_MEMALIGN, 3},
              {ALIGNED_ALLOC, 2}, {MEMALIGN, 1}, {VALLOC, 1},     {PVALLOC, 1},           {FREE, 22},
              {FREE_SIZED, 4},    {LOOK, 8},     {STATISTICS, 1}, {FREE_ALIGNED_SIZED, 3}};

static enum kind kind_of(uint64_t random)
{
    unsigned place = (unsigned)(random % 100);
    if (random / 100 % 50 == 0 && place == 0)
        return TRIM;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        if (place < shares[i].share)
            return shares[i].kind;
        place -= shares[i].share;
    }
    return MALLOC;
}

/* Mostly short, seldom up to LARGEST, sometimes 0, and sometimes about a power of two. */
static size_t size_of(uint64_t random, size_t largest, unsigned large_share)
{
    static const size_t most[] = {64, 64, 256, 256, KIB, KIB, KIB, 4 * KIB, 4 * KIB, 32 * KIB, 70 * KIB};
    enum { RANGES = sizeof most / sizeof *most };
    uint64_t kind = random % 1000, rest = mix(random);
    size_t limit = kind < large_share ? largest : kind > 970 ? MIB : most[kind % RANGES];
    if (limit > largest)
        limit = largest;
    if (rest % 16 == 0) {
        size_t power = (size_t)1 << rest / 16 % 23;
        size_t size = power + (rest >> 32) % 3 - 1;
        return size <= limit ? size : limit;
    }
    return (size_t)(rest >> 8) % (limit + 1);
}

static struct step step_of(const struct steps *steps, uint64_t number)
{
    uint64_t random = mix(mix(steps->seed) + number * UINT64_C(0x9E3779B97F4A7C15));
    struct step step = {.kind = kind_of(random), .slot = (unsigned)(mix(random + 1) % SLOTS), .fill = random};
    step.size = size_of(mix(random + 2), steps->largest, steps->large_share);
    step.alignment = sizeof(void *) << mix(random + 3) % (mix(random + 4) % 64 == 0 ? 19 : 10);
    step.to_the_brim = mix(random + 5) % 2 == 0;
    return step;
}

void steps_describe(const struct steps *steps, uint64_t number, FILE *file)
{
    static const char *const names[KINDS] = {"malloc",         "calloc",        "realloc",    "reallocarray",
                                             "posix_memalign", "aligned_alloc", "memalign",   "valloc",
                                             "pvalloc",        "free",          "free_sized", "free_aligned_sized",
                                             "look at",        "malloc_trim",   "stats_get"};
    struct step step = step_of(steps, number);
    fprintf(file, "step %llu, thread %u: slot %u: %s", (unsigned long long)number, (unsigned)(number % steps->threads),
            step.slot, names[step.kind]);
    if (step.kind <= PVALLOC)
        fprintf(file, ", %zu bytes", step.size);
    if (step.kind >= POSIX_MEMALIGN && step.kind <= MEMALIGN)
        fprintf(file, ", alignment %zu", step.alignment);
    fprintf(file, step.kind <= PVALLOC && step.to_the_brim ? ", filled to its usable size\n" : "\n");
}

/* --- what is wrong ------------------------------------------------------------------------------------------------ */

static bool wrong(const char *what, const void *block, size_t size)
{
    fprintf(stderr, "steps: %s: block %p of %zu bytes\n", what, block, size);
    return false;
}

/* Long blocks have the pattern at their ends and at places between. */
#define WHOLE (64 * KIB)
#define PIECE ((size_t)256)
#define BETWEEN (32 * KIB)

static void fill(struct slot *slot)
{
    if (slot->filled <= WHOLE) {
        pattern_fill(slot->block, slot->filled, slot->fill);
        return;
    }
    for (size_t at = 0; at + PIECE < slot->filled; at += BETWEEN)
        pattern_fill(slot->block + at, PIECE, slot->fill + at);
    pattern_fill(slot->block + slot->filled - PIECE, PIECE, slot->fill);
}

/* FILLED of the bytes that fill has filled when they were LONGER, or as many. */
static bool holds(const unsigned char *block, size_t filled, size_t longer, uint64_t seed)
{
    if (longer <= WHOLE)
        return pattern_holds(block, filled, seed);
    for (size_t at = 0; at + PIECE <= filled && at + PIECE < longer - PIECE; at += BETWEEN)
        if (!pattern_holds(block + at, PIECE, seed + at))
            return false;
    return filled < longer || pattern_holds(block + filled - PIECE, PIECE, seed);
}

static bool look(const struct slot *slot)
{
    if (slot->block == NULL)
        return true;
    if (!holds(slot->block, slot->filled, slot->filled, slot->fill))
        return wrong("bytes have changed", slot->block, slot->size);
    if (hak_malloc_usable_size(slot->block) < slot->filled)
        return wrong("the usable size has shrunk", slot->block, slot->size);
    return true;
}

static bool is_zero(const unsigned char *block, size_t size)
{
    if (size <= WHOLE)
        return all_zero(block, size);
    for (size_t at = 0; at + PIECE < size; at += 4 * KIB)
        if (!all_zero(block + at, PIECE))
            return false;
    return all_zero(block + size - PIECE, PIECE);
}

/* --- playing ------------------------------------------------------------------------------------------------------ */

/* No errno of the kernel's. */
#define KEPT_ERRNO 4242

static bool give(struct slot *slot, enum kind kind)
{
    if (!look(slot))
        return false;
    errno = KEPT_ERRNO;
    if (kind == FREE_SIZED && slot->sized == kind && slot->block != NULL)
        hak_free_sized(slot->block, slot->size);
    else if (kind == FREE_ALIGNED_SIZED && slot->sized == kind && slot->block != NULL)
        hak_free_aligned_sized(slot->block, slot->alignment, slot->size);
    else
        hak_free(slot->block);
    bool kept = errno == KEPT_ERRNO;
    slot->block = NULL;
    return kept || wrong("free has changed errno", slot, slot->size);
}

static void *take(const struct step *step, int *error)
{
    void *block = NULL;
    errno = 0;
    switch (step->kind) {
    case CALLOC:
        block = step->size % 3 == 0 ? hak_calloc(3, step->size / 3) : hak_calloc(1, step->size);
        break;
    case POSIX_MEMALIGN:
        *error = hak_posix_memalign(&block, step->alignment, step->size);
        return *error == 0 ? block : NULL;
    case ALIGNED_ALLOC:
        block = hak_aligned_alloc(step->alignment, step->size);
        break;
    case MEMALIGN:
        block = hak_memalign(step->alignment, step->size);
        break;
    case VALLOC:
        block = hak_valloc(step->size);
        break;
    case PVALLOC:
        block = hak_pvalloc(step->size);
        break;
    default:
        block = hak_malloc(step->size);
    }
    *error = errno;
    return block;
}

static size_t alignment_of(const struct step *step)
{
    if (step->kind == VALLOC || step->kind == PVALLOC)
        return 4 * KIB; /* the least that a system has */
    return step->kind >= POSIX_MEMALIGN && step->kind <= MEMALIGN ? step->alignment : 0;
}

static bool refused(int error, struct steps_result *result)
{
    result->refused++;
    if (!playing->may_be_refused)
        return wrong("a request is refused", NULL, 0);
    return error == ENOMEM || wrong("a refusal without ENOMEM", NULL, 0);
}

/* What SLOT is to hold from now on, in BLOCK. */
static bool put(struct slot *slot, const struct step *step, unsigned char *block, size_t alignment)
{
    size_t usable = hak_malloc_usable_size(block);
    slot->block = block;
    slot->size = step->size;
    slot->fill = step->fill;
    slot->alignment = alignment;
    slot->sized = step->kind == POSIX_MEMALIGN || step->kind == ALIGNED_ALLOC ? FREE_ALIGNED_SIZED
                  : alignment == 0                                            ? FREE_SIZED
                                                                              : FREE;
    if (usable < step->size)
        return wrong("less is usable than was asked for", block, step->size);
    if ((uintptr_t)block % (alignment > 16 ? alignment : step->size >= 16 ? 16 : 8) != 0)
        return wrong("not aligned", block, step->size);
    slot->filled = step->to_the_brim ? usable : step->size;
    fill(slot);
    return true;
}

static bool take_into(struct slot *slot, const struct step *step, struct steps_result *result)
{
    int error = 0;
    if (!give(slot, FREE))
        return false;
    unsigned char *block = take(step, &error);
    if (block == NULL)
        return refused(error, result);
    if (step->kind == CALLOC && !is_zero(block, step->size))
        return wrong("calloc's bytes are not zero", block, step->size);
    return put(slot, step, block, alignment_of(step));
}

/* The fault that is planted. */
static void spoil(unsigned char *block, size_t kept)
{
    if (playing->planted && kept > 1000)
        block[kept / 2] ^= 1;
}

static bool resize(struct slot *slot, const struct step *step, struct steps_result *result)
{
    size_t filled = slot->filled, kept = slot->filled < step->size ? slot->filled : step->size;
    if (!look(slot))
        return false;
    errno = 0;
    unsigned char *block = step->kind == REALLOCARRAY ? hak_reallocarray(slot->block, 1, step->size)
                                                      : hak_realloc(slot->block, step->size);
    int error = errno;
    if (block == NULL && step->size == 0 && slot->block != NULL) {
        slot->block = NULL;
        return true;
    }
    if (block == NULL)
        return refused(error, result);
    if (slot->block != NULL)
        spoil(block, kept);
    if (slot->block != NULL && !holds(block, kept, filled, slot->fill))
        return wrong("realloc has not kept the bytes", block, step->size);
    return put(slot, step, block, 0);
}

/* Those of other threads, which go on, are each of some moment. */
static bool read_statistics(void)
{
    struct hak_stats stats;
    struct hak_mallinfo2 info = hak_mallinfo2();
    hak_stats_get(&stats, sizeof stats);
    bool whole = stats.live_bytes <= stats.total_mapped_bytes && info.uordblks <= info.arena;
    return whole || playing->threads > 1 || wrong("more is allocated than is mapped", NULL, 0);
}

static bool play(uint64_t number, struct steps_result *result)
{
    struct step step = step_of(playing, number);
    struct slot *slot = &slots[step.slot];
    if (step.kind == TRIM)
        return hak_malloc_trim(0) >= 0;
    if (step.kind == STATISTICS)
        return number % 16 != 0 || read_statistics(); /* it takes long */
    if (atomic_flag_test_and_set_explicit(&slot->taken, memory_order_acquire))
        return true; /* another thread has it */
    bool good;
    if (step.kind == LOOK)
        good = look(slot);
    else if (step.kind == REALLOC || step.kind == REALLOCARRAY)
        good = resize(slot, &step, result);
    else if (step.kind >= FREE)
        good = give(slot, step.kind);
    else
        good = take_into(slot, &step, result);
    atomic_flag_clear_explicit(&slot->taken, memory_order_release);
    result->played++;
    return good;
}

static uint64_t number_at(uint64_t i)
{
    return playing->numbers != NULL ? playing->numbers[i] : i;
}

/* --- forks -------------------------------------------------------------------------------------------------------- */

/* A child that hangs is a fault. */
#define CHILD_SECONDS 120

/* In a child: the blocks of the slots that other threads have in hand are lost, which are counted. */
static unsigned forget_others_slots(void)
{
    unsigned lost = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        if (atomic_flag_test_and_set_explicit(&slots[i].taken, memory_order_relaxed)) {
            slots[i].block = NULL;
            lost++;
        }
        atomic_flag_clear_explicit(&slots[i].taken, memory_order_relaxed);
    }
    return lost;
}

/* The child's life: the steps from the one at FIRST, then what the caller has it do. */
static _Noreturn void live_as_child(uint64_t first)
{
    struct steps alone = *playing;
    struct steps_result result = {0};
    unsigned lost = forget_others_slots();
    bool good = true;
    alarm(CHILD_SECONDS);
    alone.threads = 1;
    playing = &alone;
    atomic_store_explicit(&stop, false, memory_order_relaxed);
    for (uint64_t i = first; i < alone.count && good; i++)
        good = play(number_at(i), &result);
    good = good && (alone.child_ends == NULL || alone.child_ends(lost));
    _exit(good ? 0 : 1);
}

struct player {
    unsigned number;
    bool good;
    struct steps_result result;
    pid_t children[STEPS_MOST_FORKS];
};

static bool fork_before(uint64_t i, struct player *player)
{
    if (player->result.forks == STEPS_MOST_FORKS)
        return true;
    pid_t child = fork();
    if (child == 0)
        live_as_child(i);
    if (child < 0)
        return wrong("fork fails", NULL, 0);
    player->children[player->result.forks++] = child;
    return true;
}

static bool children_are_good(const struct player *player)
{
    bool good = true;
    for (uint64_t i = 0; i < player->result.forks; i++) {
        int status;
        bool ended = waitpid(player->children[i], &status, 0) == player->children[i];
        if (!ended || status != 0) {
            fprintf(stderr, "steps: a child has ended with wait status %#x\n", ended ? (unsigned)status : ~0U);
            good = false;
        }
    }
    return good;
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

static void *play_thread(void *argument)
{
    struct player *player = argument;
    for (uint64_t i = 0; i < playing->count && player->good; i++) {
        uint64_t number = number_at(i);
        if (number % playing->threads != player->number)
            continue;
        if (atomic_load_explicit(&stop, memory_order_relaxed))
            break;
        if (playing->fork_each != 0 && number != 0 && number % playing->fork_each == 0)
            player->good = fork_before(i, player);
        player->good = player->good && play(number, &player->result);
        player->result.wrong_step = number;
    }
    player->good = children_are_good(player) && player->good;
    if (!player->good)
        atomic_store_explicit(&stop, true, memory_order_relaxed);
    return NULL;
}

/* The last one plays here: one thread alone needs no other. */
bool steps_play(const struct steps *steps, struct steps_result *result)
{
    struct player players[STEPS_MOST_THREADS];
    pthread_t threads[STEPS_MOST_THREADS];
    bool good = true;
    playing = steps;
    atomic_store_explicit(&stop, false, memory_order_relaxed);
    *result = (struct steps_result){0};
    for (unsigned i = 0; i < steps->threads; i++)
        players[i] = (struct player){.number = i, .good = true};
    for (unsigned i = 1; i < steps->threads; i++)
        if (pthread_create(&threads[i], NULL, play_thread, &players[i]) != 0)
            return wrong("a thread does not start", NULL, 0);
    play_thread(&players[0]);
    for (unsigned i = 0; i < steps->threads; i++) {
        good = (i == 0 || pthread_join(threads[i], NULL) == 0) && good;
        result->played += players[i].result.played;
        result->refused += players[i].result.refused;
        result->forks += players[i].result.forks;
        if (!players[i].good && good)
            result->wrong_step = players[i].result.wrong_step;
        good = good && players[i].good;
    }
    return good;
}

bool steps_all_hold(void)
{
    bool good = true;
    for (size_t i = 0; i < SLOTS; i++)
        good = look(&slots[i]) && good;
    return good;
}

bool steps_release_all(void)
{
    bool good = true;
    for (size_t i = 0; i < SLOTS; i++)
        good = give(&slots[i], FREE) && good;
    return good;
}
