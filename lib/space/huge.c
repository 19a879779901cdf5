/* SPDX-License-Identifier: MIT */
#include "lib/space/huge.h"

/* --- what blocks of their length held ------------------------------------------------------------------------------
 */

/* A block is dense if seven of eight samples hold something, each of four cache lines. The first and the last pages are
 * left out: what a program protects against access (a stack's guard page, say) lies there. */
#define SAMPLES 32
#define SAMPLE_WORDS 32
#define DENSE_LEAST (SAMPLES - SAMPLES / 8)

/* After each dense block so many more fresh ones of its length have huge pages before one has to show what it holds; a
 * sparse one takes all of that away. */
#define CREDIT 16
#define CREDIT_MOST 240

/* Evidence is kept by length, in powers of two, apart for cleared blocks. */
#define LENGTHS 64
static struct evidence {
    uint8_t credit;
    bool known;
} evidence[2][LENGTHS];
/* Of blocks that were not cleared, so far. */
static unsigned dense_blocks, sparse_blocks;
/* Where no length was ever seen sparse, so many dense blocks speak for lengths that were not seen yet. */
#define DENSE_FOR_ALL 2

static bool is_written(const char *place)
{
    const uint64_t *word = (const uint64_t *)place;
    uint64_t all = 0;
    for (size_t i = 0; i < SAMPLE_WORDS; i++)
        all |= word[i];
    return all != 0;
}

/* Where samples lie: at beginnings of the kernel's pages, since a program may write there alone; one in each part of as
 * many pages, not at equal distances, since it may write one page in sixteen. */
static const char *place_of(const char *base, size_t bytes, size_t sample)
{
    size_t part = (bytes - 2 * PAGE_BYTES) / SAMPLES,
           unit = size_minimum(os_page_bytes, part & ~(size_t)(CACHE_LINE - 1)), units = part / unit;
    return base + PAGE_BYTES + (sample * units + sample * 5 % units) * unit;
}

static bool is_dense(const char *base, size_t bytes)
{
    unsigned written = 0;
    for (size_t sample = 0; sample < SAMPLES; sample++)
        written += is_written(place_of(base, bytes, sample));
    return written >= DENSE_LEAST;
}

static struct evidence *evidence_of(size_t bytes, bool cleared)
{
    return &evidence[cleared][LENGTHS - 1 - __builtin_clzl(bytes)];
}

bool huge_pages_for_new(size_t bytes, bool cleared)
{
    if (!huge_pages_fit(bytes))
        return false;
    if (HAK_PROFILE(pages_huge) != HAK_HUGE_AUTO)
        return true;
    struct evidence *of = evidence_of(bytes, cleared);
    if (!of->known)
        return !cleared && dense_blocks >= DENSE_FOR_ALL && sparse_blocks == 0;
    return of->credit > 0;
}

/* To clear as much takes longer than to give it back, whatever is used of it. */
#define LEAVE_SPARSE_FROM ((size_t)1 << 20)

bool huge_pages_leave_sparse(size_t bytes)
{
    return bytes >= LEAVE_SPARSE_FROM && evidence_of(bytes, true)->credit == 0;
}

void huge_pages_spend(size_t bytes, bool cleared)
{
    struct evidence *of = evidence_of(bytes, cleared);
    if (of->credit > 0)
        of->credit--;
}

/* Of a block that grows the last huge page is partly used; of a long one that is a small part. */
#define GROWN_FROM_BYTES ((size_t)16 << 20)

bool huge_pages_for_grown(const char *base, size_t old_bytes, size_t bytes)
{
    if (!huge_pages_fit(bytes))
        return false;
    return HAK_PROFILE(pages_huge) != HAK_HUGE_AUTO || (old_bytes >= GROWN_FROM_BYTES && is_dense(base, old_bytes));
}

void huge_pages_learn(const char *base, size_t bytes, bool cleared)
{
    if (cleared ? bytes < LEAVE_SPARSE_FROM : HAK_PROFILE(pages_huge) != HAK_HUGE_AUTO || !huge_pages_fit(bytes))
        return;
    bool dense = is_dense(base, bytes);
    struct evidence *of = evidence_of(bytes, cleared);
    of->credit = dense ? (uint8_t)size_minimum(of->credit + CREDIT, CREDIT_MOST) : 0;
    of->known = true;
    if (cleared)
        return;
    dense_blocks += dense;
    sparse_blocks += !dense;
}

/* --- what they cost ----------------------------------------------------------------------------------------------- */

/* Microseconds for each huge page, and for as much of small ones: the least of late, since other programs interrupt;
 * what takes longer raises it slowly. 0: not known. */
static uint64_t cost[2];
#define COST_RISES_BY 8 /* an eighth */

/* So many slabs are told that huge pages are dear, then one is to find out again. */
#define DEAR_FOR 512
static unsigned dear_answers;

void huge_pages_note_cost(bool huge, size_t bytes, uint64_t microseconds)
{
    uint64_t all = size_maximum(microseconds, 1) * os_huge_page_bytes() / bytes, *of = &cost[huge];
    *of = *of == 0 ? all : size_minimum(all, *of + *of / COST_RISES_BY + 1);
}

bool huge_pages_are_cheap(void)
{
    if (cost[true] <= cost[false] || cost[false] == 0 || ++dear_answers > DEAR_FOR) {
        dear_answers = 0;
        return true;
    }
    return false;
}
