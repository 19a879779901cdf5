/* SPDX-License-Identifier: MIT */
/* Calls of the API in an order that the input gives: four bytes say which call, on which of a few blocks, and its size.
 * Each block holds a pattern of its own from its allocation to its end, no two overlap, and all are given back at the
 * end. */
#include "lib/include/hakmem/hakmem.h"
#include "tests/fuzz/target.h"
#include "tests/harness/pattern.h"

#include <errno.h>

#define SLOTS 16
#define STEP 4 /* bytes of an input for each call */

/* Below it the size is what the input says; above, it doubles by bits, up to LONGEST. */
#define LONGEST ((size_t)4 << 20)
#define LONGEST_FILLED ((size_t)64 * 1024) /* of a longer block the ends are filled */

/* More than any machine has. */
#define FAR_TOO_MUCH ((size_t)1 << 47)

struct slot {
    unsigned char *block; /* NULL: none */
    size_t size;          /* as it was asked for */
    uint64_t seed;
};

static struct slot slots[SLOTS];
static uint64_t next_seed;

/* --- contents ----------------------------------------------------------------------------------------------------- */

static size_t head_of(size_t size)
{
    return size <= LONGEST_FILLED ? size : LONGEST_FILLED / 2;
}

static void fill(struct slot *slot)
{
    size_t head = head_of(slot->size);
    slot->seed = next_seed++;
    pattern_fill(slot->block, head, slot->seed);
    if (head < slot->size)
        pattern_fill(slot->block + slot->size - head, head, slot->seed);
}

static void check(const struct slot *slot)
{
    size_t head = head_of(slot->size);
    if (!slot->block)
        return;
    FUZZ_EXPECT(pattern_holds(slot->block, head, slot->seed));
    FUZZ_EXPECT(head == slot->size || pattern_holds(slot->block + slot->size - head, head, slot->seed));
    FUZZ_EXPECT(hak_malloc_usable_size(slot->block) >= slot->size);
}

/* BLOCK, which was asked for with SIZE bytes and ALIGNMENT, goes into SLOT, which is empty. */
static void take(struct slot *slot, void *block, size_t size, size_t alignment)
{
    FUZZ_EXPECT(block != NULL && (uintptr_t)block % alignment == 0);
    for (size_t i = 0; i < SLOTS; i++) {
        uintptr_t own = (uintptr_t)block, other = (uintptr_t)slots[i].block;
        FUZZ_EXPECT(!other || own + size <= other || other + slots[i].size <= own);
        FUZZ_EXPECT(own != other);
    }
    *slot = (struct slot){.block = block, .size = size};
    fill(slot);
}

/* --- calls -------------------------------------------------------------------------------------------------------- */

static void give(struct slot *slot)
{
    check(slot);
    hak_free(slot->block);
    slot->block = NULL;
}

static size_t natural_alignment(size_t size)
{
    return size >= 16 ? 16 : size >= 8 ? 8 : 1;
}

static void call_malloc(struct slot *slot, size_t size, unsigned detail)
{
    (void)detail;
    give(slot);
    take(slot, hak_malloc(size), size, natural_alignment(size));
}

static void call_free(struct slot *slot, size_t size, unsigned detail)
{
    (void)size;
    (void)detail;
    give(slot);
}

static void call_free_sized(struct slot *slot, size_t size, unsigned detail)
{
    (void)size;
    (void)detail;
    check(slot);
    if (slot->block)
        hak_free_sized(slot->block, slot->size);
    slot->block = NULL;
}

static void call_calloc(struct slot *slot, size_t size, unsigned detail)
{
    size_t count = 1 + detail % 7;
    give(slot);
    unsigned char *block = hak_calloc(count, size / count);
    size = count * (size / count);
    size_t head = head_of(size);
    FUZZ_EXPECT(block && all_zero(block, head) && all_zero(block + size - head, head));
    take(slot, block, size, natural_alignment(size));
}

static void call_realloc(struct slot *slot, size_t size, unsigned detail)
{
    struct slot old = *slot;
    if (size == 0)
        size = 1;
    check(slot);
    slot->block = NULL;
    unsigned char *block = detail % 2 ? hak_realloc(old.block, size) : hak_reallocarray(old.block, 1, size);
    size_t kept = old.block ? head_of(old.size < size ? old.size : size) : 0;
    FUZZ_EXPECT(block &&
                (kept == 0 || pattern_holds(block, kept < head_of(old.size) ? kept : head_of(old.size), old.seed)));
    take(slot, block, size, natural_alignment(size));
}

static void call_aligned(struct slot *slot, size_t size, unsigned detail)
{
    static const size_t most = 20; /* 1 MiB */
    size_t alignment = (size_t)1 << detail % (most + 1);
    void *block = NULL;
    give(slot);
    if (alignment < sizeof(void *))
        block = hak_memalign(alignment, size);
    else if (detail & 0x20)
        block = hak_aligned_alloc(alignment, size);
    else
        FUZZ_EXPECT(hak_posix_memalign(&block, alignment, size) == 0);
    take(slot, block, size, alignment);
}

/* What fits in no memory is refused, and the old block stays. */
static void call_too_large(struct slot *slot, size_t size, unsigned detail)
{
    void *block = NULL;
    volatile size_t far = FAR_TOO_MUCH + size; /* the compiler must not say so itself */
    errno = 0;
    switch (detail % 4) {
    case 0:
        block = hak_malloc(far);
        break;
    case 1:
        block = hak_calloc(far, far);
        break;
    case 2:
        block = hak_realloc(slot->block, far);
        break;
    default:
        block = hak_reallocarray(slot->block, far, far);
        break;
    }
    FUZZ_EXPECT(block == NULL && errno == ENOMEM);
    check(slot);
}

/* All that may be used is used. */
static void call_usable(struct slot *slot, size_t size, unsigned detail)
{
    (void)size;
    (void)detail;
    if (!slot->block)
        return;
    check(slot);
    size_t usable = hak_malloc_usable_size(slot->block);
    FUZZ_EXPECT(usable <= 2 * slot->size + LONGEST); /* an aligned block, or one that grows, has room behind it */
    slot->size = usable;
    fill(slot);
}

static void call_trim(struct slot *slot, size_t size, unsigned detail)
{
    (void)size;
    (void)detail;
    check(slot);
    hak_malloc_trim(0);
    check(slot);
}

/* --- inputs ------------------------------------------------------------------------------------------------------- */

static void (*const calls[])(struct slot *slot, size_t size, unsigned detail) = {
    call_malloc,  call_malloc,  call_malloc,  call_free,    call_free,      call_free_sized, call_calloc,
    call_realloc, call_realloc, call_realloc, call_aligned, call_too_large, call_usable,     call_trim};
#define CALLS (sizeof calls / sizeof *calls)

/* The size that two bytes stand for: the lower eleven bits, doubled as often as the others say. */
static size_t size_of(unsigned code)
{
    size_t size = (size_t)(code & 0x7ff) << (code >> 11 & 0xf);
    return size < LONGEST ? size : LONGEST;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    next_seed = 1;
    for (; size >= STEP; data += STEP, size -= STEP)
        calls[data[0] % CALLS](&slots[data[1] % SLOTS], size_of(data[2] | (unsigned)data[3] << 8),
                               data[1] / SLOTS | (unsigned)(data[0] / CALLS) << 4);
    for (size_t i = 0; i < SLOTS; i++)
        give(&slots[i]);
    return 0;
}
