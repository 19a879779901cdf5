/* SPDX-License-Identifier: MIT */
#include "lib/heap/slab.h"

#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/base/probe.h"
#include "lib/base/report.h"
#include "lib/heap/slab_guard.h"
#include "lib/heap/slab_holes.h"
#include "lib/heap/slab_random.h"
#include "lib/profile/active.h"
#include "lib/space/metadata.h"
#include "lib/space/page_map.h"

#include <string.h>

/* Descriptors differ in the length of their bitmaps; three lengths waste little: most classes need 1 to 8 words,
 * 64-byte blocks 16, 16-byte blocks 64. A descriptor keeps its length for ever. */
enum { KINDS = 3 };
static const uint8_t kind_words[KINDS] = {8, 16, 64};

static struct lock lock = LOCK_INITIALIZER;
static struct slab *unused[KINDS]; /* under `lock`: descriptors without a slab, linked by `next` */

static unsigned kind_of(uint32_t words)
{
    unsigned kind = 0;
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the last kind is for the smallest blocks */
    while (kind_words[kind] < words)
        kind++;
    return kind;
}

static struct slab *descriptor_new(uint32_t words)
{
    unsigned kind = kind_of(words);
    lock_take(&lock);
    struct slab *slab = unused[kind];
    if (slab != NULL)
        unused[kind] = slab->next;
    lock_release(&lock);
    if (slab != NULL)
        return slab;
    size_t bitmap = kind_words[kind] * sizeof(uint64_t), marks = hak_profile_hardens() ? 64u * kind_words[kind] : 0;
    slab = metadata_new(sizeof *slab + 2 * bitmap + marks * sizeof *slab->taken);
    if (slab != NULL) {
        slab->free_bits = (uint64_t *)(slab + 1);
        slab->remote_bits = (_Atomic(uint64_t) *)((char *)(slab + 1) + bitmap);
        slab->taken = (_Atomic(uint16_t) *)((char *)(slab + 1) + 2 * bitmap);
    }
    return slab;
}

uint32_t slab_most_blocks(const struct slab *slab)
{
    return kind_words[kind_of(slab->words)] * 64u;
}

static void descriptor_give(struct slab *slab)
{
    unsigned kind = kind_of(slab->words);
    lock_take(&lock);
    slab->next = unused[kind];
    unused[kind] = slab;
    lock_release(&lock);
}

#define ALL_FREE (~UINT64_C(0)) /* of a word's blocks */

static void set_all_free(struct slab *slab)
{
    uint32_t left = slab->blocks;
    for (uint32_t word = 0; word < slab->words; word++) {
        slab->free_bits[word] = left >= 64 ? ALL_FREE : (UINT64_C(1) << left) - 1;
        left -= left >= 64 ? 64 : left;
    }
}

static void note_filled(struct slab *slab)
{
    slab->filled = true;
    superslab_note_filled(slab->superslab, size_classes[slab->class].pages);
}

/* Of longer blocks each touches pages of its own, and may leave some alone. */
#define PREFAULT_BLOCK_MOST 1024

static bool wants_prefault(unsigned class, unsigned use)
{
    bool dense = (use & SLAB_WILL_FILL) != 0 && size_classes[class].size <= PREFAULT_BLOCK_MOST;
    return HAK_PROFILE(pages_prefault) == HAK_PREFAULT_SLAB ||
           (HAK_PROFILE(pages_prefault) == HAK_PREFAULT_DENSE && dense);
}

struct slab *slab_new(unsigned class, struct heap *heap, uint32_t entry, unsigned use)
{
    ASSERT(class < size_class_count && (entry == PAGE_SAMPLED || page_map_class(entry) == class));
    const struct size_class *of = &size_classes[class];
    uint32_t words = (of->blocks + 63) / 64;
    struct slab *slab = descriptor_new(words);
    if (slab == NULL)
        return NULL;
    struct page_run run;
    slab->words = (uint8_t)words;
    if (!pool_take(of->pages, use == (SLAB_WILL_FILL | SLAB_OF_LARGE_HEAP), &run)) {
        descriptor_give(slab);
        return NULL;
    }
    if (UNLIKELY(HAK_PROFILE(security_zero_on_free)) && !run.zeroed)
        memset(run.base, 0, (size_t)run.pages << PAGE_SHIFT); /* harden/zero.h */
    slab->base = run.base;
    slab->superslab = run.superslab;
    slab->class = (uint8_t) class;
    slab->blocks = slab->free_blocks = (uint16_t)of->blocks;
    slab->untouched = run.zeroed ? 0 : slab->blocks;
    slab->owed = slab->first_word = 0;
    slab->listed = slab->filled = false;
    slab->purged = 0;
    set_all_free(slab);
    if (run.resident && !run.zeroed)
        note_filled(slab);
    ASSERT(atomic_load_explicit(&slab->remote_count, memory_order_relaxed) ==
           0); /* all its last blocks were signed for and taken */
    atomic_store_explicit(&slab->heap, heap, memory_order_release);
    if (!page_map_set(run.base, run.pages, entry, slab)) {
        pool_give(&run);
        descriptor_give(slab);
        return NULL;
    }
    bool prefault = !run.resident && wants_prefault(class, use);
    if (prefault)
        pool_prefault(&run);
    if (UNLIKELY(HAK_PROFILE(security_guard_pages)))
        slab_guard_close(&run, run.resident || prefault || !run.zeroed);
    PROBE(slab_new, slab->base, class, run.pages << PAGE_SHIFT, entry >> PAGE_MAP_CLASS_BITS);
    return slab;
}

void slab_delete(struct slab *slab)
{
    ASSERT(slab_is_empty(slab) && !slab->listed);
    ASSERT(atomic_load_explicit(&slab->remote_count, memory_order_relaxed) == 0);
    struct page_run run = {.base = slab->base, .pages = size_classes[slab->class].pages, .superslab = slab->superslab};
    PROBE(slab_free, run.base, slab->class, run.pages << PAGE_SHIFT);
    if (slab->filled)
        superslab_note_filled(slab->superslab, -(int32_t)run.pages);
    page_map_clear(run.base, run.pages);
    if (LIKELY(!HAK_PROFILE(security_guard_pages)) || slab_guard_open(&run))
        pool_give(&run);
    descriptor_give(slab);
}

/* Writes the 64 blocks of SIZE bytes from BLOCK on to END[-1], END[-2], ... */
static void write_word(char *block, size_t size, void **end)
{
    for (uint32_t left = 64; left > 0; left--, block += size)
        *--end = block;
}

/* Takes COUNT blocks, no more than are free. Whole words, as a slab has them that is new or came back as a whole, are
 * written without a look at their bits. Returns the index behind the last block. */
static ALWAYS_INLINE uint32_t take_lowest(struct slab *slab, void **end, uint32_t count)
{
    size_t size = size_classes[slab->class].size;
    uint32_t word = slab->first_word, beyond = 0;
    void **to = end, **last = end - count;
    while (to != last) {
        uint64_t bits = slab->free_bits[word];
        char *base = slab->base + (size_t)word * 64 * size;
        if (bits == 0) {
            word++;
        } else if (bits == ALL_FREE && to - last >= 64) {
            write_word(base, size, to);
            to -= 64;
            slab->free_bits[word++] = 0;
            beyond = word * 64;
        } else {
            uint32_t bit;
            do {
                bit = (uint32_t)__builtin_ctzll(bits);
                bits &= bits - 1;
                *--to = base + bit * size;
            } while (bits != 0 && to != last);
            slab->free_bits[word] = bits;
            beyond = word * 64 + bit + 1;
        }
    }
    slab->first_word = (uint16_t)word;
    return beyond;
}

/* The same by chance (security.randomize). So many as there is a choice among are the lowest ones, in any order. */
static NOINLINE uint32_t take_by_chance(struct slab *slab, void **end, uint32_t count)
{
    if (count < SLAB_RANDOM_CHOICE)
        return slab_random_take(slab, end, count);
    uint32_t beyond = take_lowest(slab, end, count);
    slab_random_shuffle(end - count, count);
    return beyond;
}

uint32_t slab_take(struct slab *slab, void **end, uint32_t count)
{
    bool by_chance = UNLIKELY(HAK_PROFILE(security_randomize));
    uint32_t taken = (uint32_t)size_minimum(count, slab->free_blocks);
    uint32_t beyond = by_chance ? take_by_chance(slab, end, taken) : take_lowest(slab, end, taken);
    slab->free_blocks = (uint16_t)(slab->free_blocks - taken);
    slab->untouched = (uint16_t)size_maximum(slab->untouched, beyond);
    if (UNLIKELY(slab->purged != 0))
        slab_note_refault(slab);
    else if (UNLIKELY(slab->untouched == slab->blocks && !slab->filled) && (!by_chance || slab->free_blocks == 0))
        note_filled(slab);
    return taken;
}

void *slab_take_zeroed(struct slab *slab)
{
    if (slab->untouched >= slab->blocks || UNLIKELY(HAK_PROFILE(security_randomize)))
        return NULL;
    uint32_t index = slab->untouched++;
    slab->free_bits[index / 64] &= ~(UINT64_C(1) << index % 64);
    slab->free_blocks--;
    return slab->base + (size_t)index * size_classes[slab->class].size;
}

void slab_report_inside(const struct slab *slab, const void *pointer, const char *function)
{
    const struct size_class *class = &size_classes[slab->class];
    uint32_t offset = (uint32_t)((const char *)pointer - slab->base);
    if (offset >= slab->blocks * class->size)
        report_misuse(
            "%s: %p is not the start of a block (it lies behind the last one of %u bytes in its slab, class %u)",
            function, pointer, class->size, slab->class);
    else
        report_misuse("%s: %p is not the start of a block (it lies %u bytes into one of %u, class %u)", function,
                      pointer, offset % class->size, class->size, slab->class);
}

void slab_report_double_free(unsigned class, const void *pointer, const char *function)
{
    const char *what = strcmp(function, "free") == 0 ? "double free of" : "use of freed block";
    report_misuse("%s: %s %p, a block of %u bytes, class %u", function, what, pointer, size_classes[class].size, class);
}

void slab_report_not_free(const struct slab *slab, const void *pointer, const char *function)
{
    if (slab_index(slab, pointer) == SLAB_NO_BLOCK)
        slab_report_inside(slab, pointer, function);
    else
        slab_report_double_free(slab->class, pointer, function);
}

bool slab_has_taken(const struct slab *slab, const void *pointer)
{
    uint32_t index = slab_index(slab, pointer);
    if (UNLIKELY(index == SLAB_NO_BLOCK))
        return false;
    uint64_t bits = __atomic_load_n(&slab->free_bits[index / 64], __ATOMIC_RELAXED) |
                    atomic_load_explicit(&slab->remote_bits[index / 64], memory_order_relaxed);
    return (bits >> index % 64 & 1) == 0;
}

/* Marks those of COUNT blocks at the start of BLOCKS whose bits are in WORD, as the first one's is; returns how many.
 * What was allocated together is often freed together, so a word has its blocks in a row: it stays in a register, and
 * one comparison says that it is still the right one. */
static ALWAYS_INLINE uint32_t put_in_word(struct slab *slab, uint32_t word, void *const *blocks, uint32_t count)
{
    const struct size_class *class = &size_classes[slab->class];
    uint64_t bits = slab->free_bits[word], inverse = class->inverse;
    uint32_t before = word * 64;
    const char *base = slab->base + (size_t)before * class->size;
    size_t steps_in_word = size_minimum(slab->blocks - before, 64) * (class->size / SIZE_STEP);
    void *const *block = blocks, *const *end = blocks + count;
    for (size_t steps; block != end && (steps = size_class_steps(base, *block)) < steps_in_word; block++) {
        uint64_t place = size_class_place(steps, inverse);
        if (UNLIKELY(!size_class_place_is_start(place, inverse) ||
                     test_and_set_bit(&bits, size_class_place_index(place))))
            break;
    }
    slab->free_bits[word] = bits;
    return (uint32_t)(block - blocks);
}

uint32_t slab_put(struct slab *slab, void *const *blocks, uint32_t count)
{
    const struct size_class *class = &size_classes[slab->class];
    size_t steps_in_slab = (size_t)slab->blocks * (class->size / SIZE_STEP);
    uint32_t put = 0, more = 1, first_word = slab->first_word;
    for (size_t steps; more != 0 && put < count && (steps = size_class_steps(slab->base, blocks[put])) < steps_in_slab;
         put += more) {
        uint32_t word = size_class_place_index(size_class_place(steps, class->inverse)) / 64;
        more = put_in_word(slab, word, blocks + put, count - put);
        first_word = word < first_word ? word : first_word;
    }
    slab->first_word = (uint16_t)first_word;
    slab->free_blocks = (uint16_t)(slab->free_blocks + put);
    return put;
}

static void *block_at(const struct slab *slab, uint32_t word, uint64_t bits)
{
    return slab->base + ((size_t)word * 64 + (size_t)__builtin_ctzll(bits)) * size_classes[slab->class].size;
}

/* Of the blocks with BITS in WORD; returns how many. */
static COLD uint32_t report_doubles(const struct slab *slab, uint32_t word, uint64_t bits)
{
    uint32_t doubles = 0;
    for (; bits != 0; bits &= bits - 1, doubles++)
        slab_report_double_free(slab->class, block_at(slab, word, bits), "free");
    return doubles;
}

uint32_t slab_mark_remote(struct slab *slab, uint32_t word, uint64_t bits)
{
    /* Release pairs with the acquire in slab_collect: the owner hands the block out again after the freer's last use of
     * it. */
    uint64_t before = atomic_fetch_or_explicit(&slab->remote_bits[word], bits, memory_order_release);
    return UNLIKELY((before & bits) != 0) ? report_doubles(slab, word, before & bits) : 0;
}

bool slab_sign_remote(struct slab *slab, uint32_t count)
{
    /* Release pairs with the acquire in slab_collect: who sees the signature sees the bits. Acquire pairs with
     * slab_collect's release: who announces anew does so after the owner has taken the slab off its list, and may write
     * `pending_next`. */
    return atomic_fetch_add_explicit(&slab->remote_count, count, memory_order_acq_rel) == 0;
}

uint32_t slab_collect(struct slab *slab)
{
    uint32_t signatures = atomic_exchange_explicit(&slab->remote_count, 0, memory_order_acq_rel);
    uint32_t taken = 0, doubles = 0;
    for (uint32_t word = 0; word < slab->words; word++) {
        if (atomic_load_explicit(&slab->remote_bits[word], memory_order_relaxed) == 0)
            continue;
        /* Acquire pairs with the release in slab_mark_remote. */
        uint64_t bits = atomic_exchange_explicit(&slab->remote_bits[word], 0, memory_order_acquire);
        if (UNLIKELY((slab->free_bits[word] & bits) != 0))
            doubles += report_doubles(slab, word, slab->free_bits[word] & bits);
        slab->free_bits[word] |= bits;
        if (word < slab->first_word)
            slab->first_word = (uint16_t)word;
        taken += (uint32_t)__builtin_popcountll(bits);
    }
    slab->free_blocks = (uint16_t)(slab->free_blocks + taken - doubles);
    ASSERT(slab->owed + taken >= signatures);
    slab->owed = (uint16_t)(slab->owed + taken - signatures); /* their freers sign for doubles as well */
    return taken - doubles;
}

void slab_lock(void)
{
    lock_take(&lock);
}

void slab_unlock(void)
{
    lock_release(&lock);
}

void slab_reset_lock(void)
{
    lock_reset(&lock);
}
