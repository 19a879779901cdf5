/* SPDX-License-Identifier: MIT */
#include "lib/harden/harden.h"

#include "lib/base/secret.h"
#include "lib/harden/canary.h"
#include "lib/harden/zero.h"
#include "lib/harden/zero_size.h"
#include "lib/heap/heap.h"
#include "lib/heap/taken_marks.h"
#include "lib/profile/active.h"

bool harden_is_on = true;

void harden_start(void)
{
    harden_is_on = hak_profile_hardens();
    if (harden_is_on || HAK_PROFILE(security_randomize))
        secret_start();
    if (HAK_PROFILE(security_zero_on_free))
        zero_start();
    if (harden_is_on)
        zero_size_start();
}

/* The mark (taken_marks.h) of a block that was asked for SIZE bytes. */
static ALWAYS_INLINE uint16_t mark_of(size_t size)
{
    return HAK_PROFILE(security_canaries) ? (uint16_t)(1 + size) : 1;
}

_Static_assert(SMALL_MAX_BYTES - CANARY_BYTES + 1 <= UINT16_MAX, "a mark can say each size");

/* How many bytes a block with such a mark was asked for, by a profile with canaries. */
static ALWAYS_INLINE size_t asked_by(uint16_t mark)
{
    return mark - 1u;
}

void harden_after_take(void *block, size_t size)
{
    uint32_t entry = page_map_entry(block);
    if (UNLIKELY(entry <= PAGE_SPECIAL_MOST)) /* or of an arena */
        return;
    unsigned class = page_map_class(entry);
    if (HAK_PROFILE(security_zero_on_free))
        zero_check(class, block, "malloc");
    if (HAK_PROFILE(security_canaries))
        canary_set(class, block, size);
    taken_mark_set(page_map_near_descriptor(block), block, mark_of(size));
}

bool harden_before_free(unsigned class, void *block)
{
    harden_prefetch(class, block); /* before the exchange, which later loads wait for */
    uint16_t mark = taken_mark_take(page_map_near_descriptor(block), block);
    if (UNLIKELY(mark == TAKEN_NOT)) {
        heap_report_not_free(class, block, "free");
        return false;
    }
    if (HAK_PROFILE(security_canaries) && !canary_is_whole(class, block, asked_by(mark), "free"))
        return false;
    if (HAK_PROFILE(security_zero_on_free))
        zero_block(class, block);
    return true;
}

void harden_after_wait(unsigned class, void *block)
{
    if (HAK_PROFILE(security_zero_on_free))
        zero_check(class, block, "free");
}

void harden_after_gate(void *block)
{
    if (HAK_PROFILE(security_zero_on_free))
        *(void **)block = NULL;
}

size_t harden_usable(unsigned class, const void *block, const char *function)
{
    uint16_t mark = taken_mark_of(page_map_near_descriptor(block), block);
    if (UNLIKELY(mark == TAKEN_NOT)) {
        heap_report_not_free(class, block, function);
        return SIZE_MAX;
    }
    if (!HAK_PROFILE(security_canaries))
        return size_classes[class].size;
    return canary_is_whole(class, block, asked_by(mark), function) ? asked_by(mark) : SIZE_MAX;
}
