/* SPDX-License-Identifier: MIT */
/* A set of the 64 KiB pages of one SuperSlab: a bit for each, in page_set_words(pages) words that the owner provides.
 * Plain functions on plain words; no locks. */
#ifndef HAK_SPACE_PAGE_SET_H
#define HAK_SPACE_PAGE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Words of a set of PAGES. */
static inline size_t page_set_words(size_t pages)
{
    return (pages + 63) / 64;
}

/* The bits of word WORD that belong to pages FIRST to FIRST + COUNT - 1. */
static inline uint64_t page_set_mask(size_t word, size_t first, size_t count)
{
    size_t low = word * 64;
    size_t from = first > low ? first - low : 0;
    size_t to = first + count - low < 64 ? first + count - low : 64;
    uint64_t upto = to == 64 ? ~UINT64_C(0) : (UINT64_C(1) << to) - 1;
    return upto & ~((UINT64_C(1) << from) - 1);
}

static inline void page_set_add(uint64_t *set, size_t first, size_t count)
{
    for (size_t word = first / 64; word * 64 < first + count; word++)
        set[word] |= page_set_mask(word, first, count);
}

static inline void page_set_remove(uint64_t *set, size_t first, size_t count)
{
    for (size_t word = first / 64; word * 64 < first + count; word++)
        set[word] &= ~page_set_mask(word, first, count);
}

/* Whether any of the pages is in the set. */
static inline bool page_set_any(const uint64_t *set, size_t first, size_t count)
{
    for (size_t word = first / 64; word * 64 < first + count; word++)
        if ((set[word] & page_set_mask(word, first, count)) != 0)
            return true;
    return false;
}

/* How many of the pages are in the set. */
static inline size_t page_set_count(const uint64_t *set, size_t first, size_t count)
{
    size_t found = 0;
    for (size_t word = first / 64; word * 64 < first + count; word++)
        found += (size_t)__builtin_popcountll(set[word] & page_set_mask(word, first, count));
    return found;
}

/* How many of the pages are in SET and not in OTHER. */
static inline size_t page_set_count_outside(const uint64_t *set, const uint64_t *other, size_t first, size_t count)
{
    size_t found = 0;
    for (size_t word = first / 64; word * 64 < first + count; word++)
        found += (size_t)__builtin_popcountll(set[word] & ~other[word] & page_set_mask(word, first, count));
    return found;
}

/* Adds those of the pages that are in OTHER. */
static inline void page_set_add_common(uint64_t *set, const uint64_t *other, size_t first, size_t count)
{
    for (size_t word = first / 64; word * 64 < first + count; word++)
        set[word] |= other[word] & page_set_mask(word, first, count);
}

/* The first page from FROM on that is in the set (IN true) or not in it; END if there is none before END. */
static inline size_t page_set_next(const uint64_t *set, size_t from, size_t end, bool in)
{
    while (from < end) {
        uint64_t word = in ? set[from / 64] : ~set[from / 64];
        word >>= from % 64;
        if (word != 0) {
            size_t found = from + (size_t)__builtin_ctzll(word);
            return found < end ? found : end;
        }
        from = (from / 64 + 1) * 64;
    }
    return end;
}

/* The page after the last one before END that is in the set: the first page of the stretch without any that ends at
 * END. */
static inline size_t page_set_after_last(const uint64_t *set, size_t end)
{
    while (end > 0) {
        size_t bits = end % 64 != 0 ? end % 64 : 64; /* of the word that holds the page before END */
        uint64_t word = set[(end - 1) / 64] << (64 - bits);
        if (word != 0)
            return end - (size_t)__builtin_clzll(word);
        end -= bits;
    }
    return 0;
}

#endif
