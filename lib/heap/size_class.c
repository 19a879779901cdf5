/* SPDX-License-Identifier: MIT */
#include "lib/heap/size_class.h"

#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "lib/profile/class_sizes.h"

_Atomic(uint8_t) size_class_table[SIZE_TABLE_ENTRIES];
struct size_class size_classes[SIZE_CLASSES_MAX];
unsigned size_class_count;
unsigned size_class_counted;

/* A slab has room for at least this many blocks, so that its set-up is shared by some. */
#define SLAB_MIN_BLOCKS 8
/* No slab has more pages than this: an eighth of a default SuperSlab. */
#define SLAB_MAX_PAGES 4
/* A stack holds a few blocks whatever their size, or a thread would go to its slabs for each. */
#define STACK_MIN_BLOCKS 4
/* A slab gives no more than this share of its pages for a guard page: where the kernel's pages are long, short slabs
 * have none. */
#define GUARD_SHARE 4

size_t size_class_guard_bytes(unsigned pages)
{
    size_t guard = HAK_PROFILE(security_guard_pages) ? os_page_bytes : 0;
    return guard <= ((size_t)pages << PAGE_SHIFT) / GUARD_SHARE ? guard : 0;
}

/* Bytes for blocks in a slab of PAGES. */
static uint64_t room_in(uint64_t pages)
{
    return (pages << PAGE_SHIFT) - size_class_guard_bytes((unsigned)pages);
}

/* The pages of a slab: the profile's smallest slab, more while fewer than SLAB_MIN_BLOCKS blocks fit or an eighth of it
 * would be wasted, and never more than the bitmap or half a SuperSlab holds. */
static uint8_t slab_pages(uint32_t size)
{
    uint64_t superslab_pages = HAK_PROFILE(superslab_size) >> PAGE_SHIFT;
    uint64_t least = HAK_PROFILE(pages_slab_page) >> PAGE_SHIFT;
    uint64_t bitmap = ((uint64_t)SLAB_MAX_BLOCKS * size) >> PAGE_SHIFT;
    uint64_t most = size_minimum(size_minimum(size_maximum(least, SLAB_MAX_PAGES), bitmap), superslab_pages / 2);
    uint64_t pages = size_minimum(least, most);
    while (pages < most) {
        uint64_t bytes = room_in(pages);
        if (bytes / size >= SLAB_MIN_BLOCKS && bytes % size <= bytes / 8)
            break;
        pages++;
    }
    return (uint8_t)pages;
}

static uint16_t share_of(uint64_t percent, uint16_t whole)
{
    return (uint16_t)size_maximum(whole * percent / 100, 1);
}

/* How often a stack of CAPACITY may double without holding more than the bytes and the objects that growth allows. */
static uint8_t doublings(uint64_t capacity, uint32_t size)
{
    uint8_t most = 0;
    while ((UINT64_C(2) << most) <= HAK_PROFILE(thread_cache_growth) &&
           (capacity * size << (most + 1)) <= HAK_PROFILE(thread_cache_max_bytes) * HAK_PROFILE(thread_cache_growth))
        most++;
    return most;
}

static bool is_shared(uint32_t size)
{
    switch (HAK_PROFILE(heap_shared)) {
    case HAK_SHARED_LINES:
        return size % CACHE_LINE == 0;
    case HAK_SHARED_LONG:
        return size >= CACHE_LINE;
    case HAK_SHARED_ALL:
        return true;
    default:
        return false;
    }
}

static void set_class(struct size_class *class, uint32_t size)
{
    class->size = size;
    class->inverse = (((uint64_t)1 << 32) + size / SIZE_STEP - 1) / (size / SIZE_STEP);
    class->pages = slab_pages(size);
    class->blocks = (uint16_t)size_minimum(room_in(class->pages) / size, SLAB_MAX_BLOCKS);
    ASSERT(((size_t) class->pages << PAGE_SHIFT) / SIZE_STEP <= SLAB_MAX_STEPS);
    uint64_t by_bytes = size_maximum(HAK_PROFILE(thread_cache_max_bytes) / size, STACK_MIN_BLOCKS);
    class->capacity = (uint16_t)size_minimum(HAK_PROFILE(thread_cache_max_objects), by_bytes);
    class->doublings = doublings(class->capacity, size);
    class->limit = share_of(HAK_PROFILE(thread_cache_drain_threshold), class->capacity);
    class->refill = (uint16_t)size_minimum(share_of(HAK_PROFILE(thread_cache_refill), class->capacity), class->limit);
    class->shared = is_shared(size);
}

/* How many of the classes after CLASS have blocks that are not too long for its requests. */
static uint8_t lenders(unsigned class)
{
    uint64_t longest = size_classes[class].size * (100 + HAK_PROFILE(size_classes_borrow)) / 100;
    unsigned lender = class;
    while (lender + 1 < size_class_count && size_classes[lender + 1].size <= longest)
        lender++;
    return (uint8_t)(lender - class);
}

/* How many classes, from the shortest blocks on, get a counted one. */
static unsigned counted_classes(void)
{
    unsigned room = SIZE_CLASS_UNCOUNTED - size_class_count, counted = 0;
    while (counted < size_class_count && counted < room && size_classes[counted].size <= COUNTED_MOST_BYTES)
        counted++;
    return counted;
}

void size_class_start(void)
{
    uint32_t sizes[HAK_PROFILE_MAX_CLASSES];
#ifdef HAK_BAKED_PROFILE
    static const uint32_t baked[] = HAK_BAKED_CLASS_SIZES;
    size_class_count = HAK_BAKED_CLASS_COUNT;
    for (unsigned class = 0; class < size_class_count; class ++)
        sizes[class] = baked[class];
#else
    size_class_count = (unsigned)hak_profile_class_sizes(&hak_active_profile, sizes);
#endif
    for (unsigned class = 0; class < size_class_count; class ++)
        set_class(&size_classes[class], sizes[class]);
    for (unsigned class = 0; class < size_class_count; class ++)
        size_classes[class].lenders = lenders(class);
    size_class_counted = counted_classes();
    size_class_count_pops(false);
}

static uint8_t counted_class(unsigned class)
{
    return (uint8_t)(class < size_class_counted ? size_class_count + class : SIZE_CLASS_UNCOUNTED);
}

/* By a profile with measures of security malloc(0) has no class whose stack it may pop (harden/zero_size.h). */
static uint8_t class_of_no_bytes(bool counted)
{
    return (uint8_t)(hak_profile_hardens() ? SIZE_CLASS_UNCOUNTED : counted ? counted_class(0) : 0);
}

void size_class_count_pops(bool counted)
{
    unsigned class = 0;
    atomic_store_explicit(&size_class_table[0], class_of_no_bytes(counted), memory_order_relaxed);
    for (size_t entry = 1; entry < SIZE_TABLE_ENTRIES; entry++) {
        while (size_classes[class].size < entry * SIZE_STEP)
            class ++;
        atomic_store_explicit(&size_class_table[entry], counted ? counted_class(class) : (uint8_t) class,
                              memory_order_relaxed);
    }
}

unsigned size_class_behind_counted(unsigned class, size_t bytes)
{
    if (class != SIZE_CLASS_UNCOUNTED)
        return class - size_class_count;
    unsigned low = 0, high = size_class_count - 1;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (size_classes[middle].size < bytes)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

unsigned size_class_aligned(size_t bytes, size_t alignment)
{
    if (bytes > SMALL_MAX_BYTES || alignment > SMALL_MAX_BYTES)
        return size_class_count;
    unsigned class = size_class_of(size_maximum(bytes, 1));
    while (class < size_class_count && (size_classes[class].size & (alignment - 1)) != 0)
        class ++;
    return class;
}
