/* SPDX-License-Identifier: MIT */
#include "lib/observe/root.h"

#include "lib/base/bootstrap_arena.h"
#include "lib/base/guard_refusal.h"
#include "lib/heap/registry.h"
#include "lib/heap/sampled.h"
#include "lib/heap/shared.h"
#include "lib/profile/active.h"
#include "lib/space/guarded_slots.h"
#include "lib/space/large.h"
#include "lib/space/metadata.h"
#include "lib/space/page_map_leaves.h"
#include "lib/space/pool_state.h"
#include "lib/thread/thread_cache_state.h"

#define WHOLE(name, structure) [HAK_INSPECT_##name] = {0, sizeof(structure)},
#define PART(name, structure, member) \
    [HAK_INSPECT_##name] = {offsetof(structure, member), sizeof(((structure *)0)->member)},

/* No pointers, so that it needs no relocation. */
static const struct hak_inspect_place places[HAK_INSPECT_MEMBER_COUNT] = {HAK_INSPECT_MEMBERS(WHOLE, PART)};

#define IS_CALLED(kind) ((int)HAK_INSPECT_##kind == (int)SUPERSLAB_##kind)
_Static_assert(IS_CALLED(PLAIN) && IS_CALLED(DENSE) && IS_CALLED(AREA) && IS_CALLED(LONG_AREA),
               "kinds have the numbers that hakmem/inspect.h says");

HAK_EXPORT const struct hak_inspect_root hak_inspect_root = {
    .magic = HAK_INSPECT_MAGIC,
    .version = HAK_INSPECT_VERSION,
    .bytes = sizeof(struct hak_inspect_root),
    .library = PACKAGE_VERSION,
    .pointer_bytes = sizeof(void *),
    .page_shift = PAGE_SHIFT,
    .classes_most = SIZE_CLASSES_MAX,
    .page_heaps = KINDS,
    .pages_most = PAGE_HEAP_PAGES_MOST,
    .class_bits = PAGE_MAP_CLASS_BITS,
    .entry_large = PAGE_LARGE,
    .leaf_pages = PAGE_LEAF_PAGES,
    .leaf_buckets = PAGE_LEAF_BUCKETS,
    .bootstrap_bytes = BOOTSTRAP_BYTES,
    .member_count = HAK_INSPECT_MEMBER_COUNT,
    .variable_count = HAK_INSPECT_VARIABLE_COUNT,
    .member = places,
    .variable = {[HAK_INSPECT_VARIABLE_CLASSES] = size_classes,
                 [HAK_INSPECT_VARIABLE_CLASS_COUNT] = &size_class_count,
                 [HAK_INSPECT_VARIABLE_PROFILE] = &hak_active_profile,
                 [HAK_INSPECT_VARIABLE_HEAPS] = (const void *)&registry_made,
                 [HAK_INSPECT_VARIABLE_SHARED_HEAP] = &shared_heap,
                 [HAK_INSPECT_VARIABLE_DIVERT] = divert_stack,
                 [HAK_INSPECT_VARIABLE_POOL] = &pool,
                 [HAK_INSPECT_VARIABLE_HUGE] = &superslab_counts,
                 [HAK_INSPECT_VARIABLE_SUPERSLABS] = &superslab_census,
                 [HAK_INSPECT_VARIABLE_LARGE] = &large_census,
                 [HAK_INSPECT_VARIABLE_MAPPINGS] = &mapping_cache_census,
                 [HAK_INSPECT_VARIABLE_WINDOW] = &page_map_place,
                 [HAK_INSPECT_VARIABLE_LEAVES] = (const void *)page_leaf_buckets,
                 [HAK_INSPECT_VARIABLE_METADATA] = (const void *)&metadata_mapped,
                 [HAK_INSPECT_VARIABLE_PAGE_MAP] = (const void *)&page_map_piece_bytes,
                 [HAK_INSPECT_VARIABLE_BOOTSTRAP] = &bootstrap_arena,
                 [HAK_INSPECT_VARIABLE_COUNTED] = &size_class_counted,
                 [HAK_INSPECT_VARIABLE_SAMPLED] = &sampled_heap,
                 [HAK_INSPECT_VARIABLE_GUARDED] = &guarded_counts,
                 [HAK_INSPECT_VARIABLE_GUARD_REFUSALS] = (const void *)&guard_refusals}};

/* The note's name for it, which no other library can take over. */
extern const struct hak_inspect_root hak_root __attribute__((alias("hak_inspect_root"), visibility("hidden"), used));
