/* SPDX-License-Identifier: MIT */
/* Every parameter of a profile, once: the rows from which schema.c makes hak_parameters[] and active.c the profile that
 * is in force before one is loaded.
 *
 * HAK_PARAMETERS(SCALAR, TOP, TEXT, LIST) expands to one call of a macro for each row, in the order of documents and
 * written profiles: SCALAR(section, name, type, unit, minimum, maximum, standard, flags, scale, choices, what)   key
 * "section.name", field section_name TOP(name, ...)     the same for a key outside of any section TEXT(name, what)   a
 * text LIST(section, name, unit, minimum, maximum, what)   a list of sizes
 *
 * Ranges: SuperSlabs below 256KiB hold too few 64KiB slabs, above 64MiB nothing was ever gained; a thread cache takes
 * at least 4 objects (a refill must bring more than one) and at most 4096 (its stack is 32KiB then, all of a
 * first-level cache). */
#ifndef HAK_PROFILE_PARAMETERS_H
#define HAK_PROFILE_PARAMETERS_H

#include "lib/base/units.h"
#include "lib/profile/class_sizes.h"
#include "lib/profile/schema.h"

/* Flags of a row. */
#define HAK_ROW_PLAIN 0u
#define HAK_ROW_SEARCHED 1u     /* part of the tuner's search space */
#define HAK_ROW_POWER_OF_TWO 2u /* only powers of two are taken */

#define HAK_STANDARD_NAME "default"

/* clang-format off */
#define HAK_PARAMETERS(SCALAR, TOP, TEXT, LIST) \
    TOP(profile_version, HAK_TYPE_INTEGER, "", 1, 1, 1, HAK_ROW_PLAIN, HAK_SCALE_LINEAR, NULL, \
        "The version of the file format. Must be there.") \
    TEXT(name, \
        "What statistics and reports call the profile: up to 63 printable ASCII characters.") \
    SCALAR(superslab, size, HAK_TYPE_SIZE, "bytes", 256 * HAK_KIB, 64 * HAK_MIB, 2 * HAK_MIB, \
        HAK_ROW_SEARCHED | HAK_ROW_POWER_OF_TWO, HAK_SCALE_LOG, NULL, \
        "The aligned region for slabs that is mapped, made huge, purged and unmapped as one. Larger ones mean fewer system calls and room for " \
        "huge pages (2MiB on most machines); smaller ones follow the need for memory more closely.") \
    SCALAR(superslab, keep_empty, HAK_TYPE_INTEGER, "SuperSlabs", 0, 64, 1, HAK_ROW_SEARCHED, HAK_SCALE_LINEAR, NULL, \
        "How many SuperSlabs without a used page stay mapped, and how many areas of large blocks. More of them spare a program whose need goes " \
        "up and down the mapping and unmapping; 0 gives every empty one back.") \
    SCALAR(pages, slab_page, HAK_TYPE_SIZE, "bytes", 64 * HAK_KIB, HAK_MIB, 64 * HAK_KIB, \
        HAK_ROW_SEARCHED | HAK_ROW_POWER_OF_TWO, HAK_SCALE_LOG, NULL, \
        "The size of the smallest slab, at most a quarter of superslab.size. Larger slabs are changed less often and suit programs with " \
        "many objects of few sizes; smaller ones waste less where there are many sizes.") \
    SCALAR(pages, huge, HAK_TYPE_CHOICE, "", 0, HAK_HUGE_LARGE, HAK_HUGE_AUTO, HAK_ROW_SEARCHED, HAK_SCALE_CATEGORY, \
        hak_huge_pages_words, \
        "Huge pages: never; madvise asks the kernel for transparent ones for all memory; always asks and has them made at once; hugetlb " \
        "takes reserved ones (vm.nr_hugepages) for SuperSlabs; large asks for those of all large blocks of two huge pages and more; auto goes by " \
        "evidence. It asks for those of large blocks if blocks of such a length were found written all over when they were freed, and for those of " \
        "SuperSlabs that a thread with 128MiB fills with objects of up to 2KiB; it makes huge pages of other SuperSlabs that are filled, one at a " \
        "time; and it breaks up those that are mostly empty. Huge pages spare page faults and TLB misses in large heaps and cost resident memory " \
        "where they are used in part.") \
    SCALAR(pages, prefault, HAK_TYPE_CHOICE, "", 0, HAK_PREFAULT_DENSE, HAK_PREFAULT_DENSE, HAK_ROW_SEARCHED, HAK_SCALE_CATEGORY, \
        hak_prefault_words, \
        "Memory that is touched before it is needed, all its pages in one system call: none; dense, each further slab of objects of up to 1KiB " \
        "that a thread needs which has 2MiB of the size class; slab, each slab as it is taken into use; or superslab, each SuperSlab as it is mapped. " \
        "Fewer page faults later, more resident memory now.") \
    SCALAR(size_classes, spacing, HAK_TYPE_INTEGER, "classes per doubling", 1, HAK_CLASS_SPACING_MOST, 4, \
        HAK_ROW_SEARCHED | HAK_ROW_POWER_OF_TWO, HAK_SCALE_LOG, NULL, \
        "Size classes per doubling of the size, below 1KiB. More classes waste less inside of each object, fewer share slabs and caches better.") \
    SCALAR(size_classes, long_spacing, HAK_TYPE_INTEGER, "classes per doubling", 1, HAK_CLASS_SPACING_MOST, 8, \
        HAK_ROW_SEARCHED | HAK_ROW_POWER_OF_TWO, HAK_SCALE_LOG, NULL, \
        "Size classes per doubling of the size, from 1KiB to 64KiB, and above 32KiB behind an explicit map. 8 round a size up by an eighth " \
        "at most, 1 up to twice the size; with fewer classes less free memory lies in them. What is longer is a large object.") \
    LIST(size_classes, sizes, "bytes", HAK_CLASS_SIZE_STEP, HAK_CLASS_SIZE_LAST_LISTED, \
        "An explicit size-class map instead of the spacing: ascending multiples of 16 from 16 to 32KiB, every power of two up to 4096 " \
        "among them, at most 120. Behind it come those of long_spacing above 32KiB.") \
    SCALAR(size_classes, borrow, HAK_TYPE_PERCENT, "percent", 0, 100, 50, HAK_ROW_SEARCHED, HAK_SCALE_LINEAR, NULL, \
        "How much larger a free object of another size class may be that serves where a class would need memory which nothing has used yet, of a " \
        "class that has many free in the thread's cache. It spares memory that each class would otherwise hold for its own peak; 0% never borrows. " \
        "Among the classes that belong to all threads (heap.shared); those whose objects fill whole cache lines borrow such objects alone.") \
    SCALAR(size_classes, borrow_limit, HAK_TYPE_INTEGER, "objects", 1, 1048576, 1024, HAK_ROW_SEARCHED, HAK_SCALE_LOG, NULL, \
        "So many objects a class borrows in a thread; then it gets memory of its own, and may borrow as many again. Each takes the time of two or " \
        "three others. More of them keep a program smaller whose need for each size goes up and down.") \
    SCALAR(heap, shared, HAK_TYPE_CHOICE, "", 0, HAK_SHARED_ALL, HAK_SHARED_LONG, HAK_ROW_SEARCHED, HAK_SCALE_CATEGORY, hak_shared_words, \
        "Size classes that belong to all threads: whoever frees such an object keeps it. Others' objects go home to the thread that allocated " \
        "them. none; lines, those whose objects fill whole cache lines of 64 bytes; long, all from 64 bytes on; or all. More of them suit " \
        "programs whose threads free each other's objects, and save memory where there are many threads. But threads may get neighbours in " \
        "one cache line, and slow each other down where they write much there: with lines never, with long two at an object's end, with all " \
        "as many as fit.") \
    SCALAR(thread_cache, max_objects, HAK_TYPE_INTEGER, "objects", 4, 4096, 256, HAK_ROW_SEARCHED, HAK_SCALE_LOG, NULL, \
        "Free objects that a thread keeps of each size class at most, before growth. More of them ride out larger swings without going " \
        "to the heap; fewer keep the working set small.") \
    SCALAR(thread_cache, max_bytes, HAK_TYPE_SIZE, "bytes", 4 * HAK_KIB, 4 * HAK_MIB, 32 * HAK_KIB, HAK_ROW_SEARCHED, HAK_SCALE_LOG, NULL, \
        "Bytes that a thread keeps free of each size class at most, before growth, which bounds the cache of the larger classes (never " \
        "below 4 objects).") \
    SCALAR(thread_cache, growth, HAK_TYPE_INTEGER, "times", 1, 32, 32, HAK_ROW_SEARCHED | HAK_ROW_POWER_OF_TWO, HAK_SCALE_LOG, NULL, \
        "How many times max_objects and max_bytes the thread cache of a size class may grow to where it keeps draining and refilling (up to " \
        "twice where it only does one of them); it shrinks again when the class is idle. 1 is a fixed capacity.") \
    SCALAR(thread_cache, refill, HAK_TYPE_PERCENT, "percent", 1, 100, 50, HAK_ROW_SEARCHED, HAK_SCALE_LINEAR, NULL, \
        "How much of a thread cache's capacity one refill brings; twice as much where the class is refilled over and over and never drained. More " \
        "is fewer refills and more memory held by each thread.") \
    SCALAR(thread_cache, drain_threshold, HAK_TYPE_PERCENT, "percent", 25, 100, 100, HAK_ROW_PLAIN, HAK_SCALE_LINEAR, NULL, \
        "How full of its capacity a thread cache may be before it is drained.") \
    SCALAR(thread_cache, drain_batch, HAK_TYPE_PERCENT, "percent", 1, 100, 50, HAK_ROW_PLAIN, HAK_SCALE_LINEAR, NULL, \
        "How much of its content a drain takes out of a thread cache; twice as much where the class is drained over and over and never " \
        "refilled. What stays serves the next allocations.") \
    SCALAR(thread_cache, keep, HAK_TYPE_INTEGER, "thread caches", 0, HAK_PROFILE_MAX_KEPT_CACHES, 4, HAK_ROW_PLAIN, HAK_SCALE_LINEAR, NULL, \
        "How many caches of threads that ended are kept with the objects in them for threads that begin; only of threads that have no more in " \
        "slabs of their own and in objects of all threads than 64 times pages.slab_page. More of them suit programs that start a thread for each " \
        "task; with 0 a thread gives back all when it ends.") \
    SCALAR(thread_cache, total, HAK_TYPE_SIZE, "bytes", 0, 64 * HAK_GIB, 0, HAK_ROW_PLAIN, HAK_SCALE_LOG, NULL, \
        "Bytes that the thread caches of all threads together may come to hold. Above that none grows, those that are in use shrink, each class's to an " \
        "eighth of its capacity at most, and none is kept when its thread ends. 0 is no such limit: caches follow the need of each thread alone. A limit suits " \
        "programs with hundreds of busy threads; threads that do little keep little anyway.") \
    SCALAR(remote_free, drain_threshold, HAK_TYPE_INTEGER, "objects", 1, 1024, 1024, HAK_ROW_SEARCHED, HAK_SCALE_LOG, NULL, \
        "Objects of other threads (heap.shared) that a thread collects before it hands them back. More of them make larger batches; 1 hands back " \
        "each at once.") \
    SCALAR(large, cache, HAK_TYPE_SIZE, "bytes", 0, 4 * HAK_GIB, 4 * HAK_MIB, HAK_ROW_SEARCHED, HAK_SCALE_LOG, NULL, \
        "Bytes of freed large blocks that wait for purge.delay, which spares programs with large blocks that come and go most of their " \
        "page faults. What is above goes back at once, and so does all with 0; what is needed again within a second raises the limit, by half of the " \
        "memory in use or once more the limit at first, and by 256MiB at most when it happens again and again. All that waits goes back " \
        "earlier where it and the memory in use would exceed the most that was in use before.") \
    SCALAR(purge, delay, HAK_TYPE_DELAY, "milliseconds", 0, UINT64_C(3600) * 1000, 500, HAK_ROW_SEARCHED, HAK_SCALE_LOG, NULL, \
        "How long empty memory waits at most before it goes back to the kernel, in time in which the program allocates and frees: a pause counts " \
        "as 8ms. Longer spares page faults, shorter spares resident memory.") \
    SCALAR(purge, keep, HAK_TYPE_SIZE, "bytes", 0, 4 * HAK_GIB, 4 * HAK_MIB, HAK_ROW_SEARCHED, HAK_SCALE_LOG, NULL, \
        "Bytes of empty memory, large blocks apart, that wait for purge.delay. What is above goes back at once, so that memory falls after a peak " \
        "though the program sleeps, and so does all with 0; what is needed again within a second raises the limit, by half of the " \
        "memory in use or once more the limit at first, and by 256MiB at most when it happens again and again. All that waits goes back " \
        "earlier where it and the memory in use would exceed the most that was in use before.") \
    SCALAR(purge, holes, HAK_TYPE_PERCENT, "percent", 0, HAK_PURGE_HOLES_NEVER, 33, HAK_ROW_SEARCHED, HAK_SCALE_LINEAR, NULL, \
        "Free memory inside of slabs that are in use, as a share of the objects in use, that stays, or as much as purge.keep. What is above goes " \
        "back by the kernel's page where no object lies in it, so that resident memory follows what is live. 100% keeps all, until malloc_trim.") \
    SCALAR(purge, policy, HAK_TYPE_CHOICE, "", 0, HAK_PURGE_NEVER, HAK_PURGE_DONTNEED, HAK_ROW_PLAIN, HAK_SCALE_CATEGORY, \
        hak_purge_policy_words, \
        "How memory goes back: dontneed at once (MADV_DONTNEED), free when the kernel is short of it (MADV_FREE: cheaper, but it " \
        "counts as resident until then), or never.") \
    SCALAR(heap_profile, on, HAK_TYPE_SWITCH, "", 0, 1, 0, HAK_ROW_PLAIN, HAK_SCALE_CATEGORY, NULL, \
        "Whether a heap profile is on from the start of the program: a sample of its allocations with their call stacks, which the program writes " \
        "itself (hak_heap_profile_dump). HAKMEM_PROFILE_HEAP=FILE has one on as well, and writes it when the program ends.") \
    SCALAR(heap_profile, interval, HAK_TYPE_SIZE, "bytes", 1, HAK_GIB, 512 * HAK_KIB, HAK_ROW_PLAIN, HAK_SCALE_LOG, NULL, \
        "How many bytes a heap profile (HAKMEM_PROFILE_HEAP) lets pass from one allocation that it looks at to the next, on average. Fewer of them " \
        "make its figures sharper and the program slower; 1 looks at every allocation. While no heap profile is on it changes nothing.") \
    SCALAR(security, checks, HAK_TYPE_CHOICE, "", 0, HAK_CHECKS_FULL, HAK_CHECKS_FAST, HAK_ROW_PLAIN, HAK_SCALE_CATEGORY, \
        hak_checks_words, \
        "Misuse that is looked for: fast takes what the structures show for next to nothing; full has each malloc and each free note beside the object's " \
        "slab whether the program has it, so that a double free and an address that is no object end the program at the call, and has C++'s sized " \
        "delete look at the size. Then each large object is a mapping of its own that goes when it is freed, so that its use after that is a SIGSEGV. " \
        "malloc(0) gives addresses that nobody may touch. All that comes with zero_on_free, canaries, guard_pages and quarantine as well.") \
    SCALAR(security, zero_on_free, HAK_TYPE_SWITCH, "", 0, 1, 0, HAK_ROW_PLAIN, HAK_SCALE_CATEGORY, NULL, \
        "Whether freed objects are overwritten with zeros, and what they held cannot be read any more. An object that is no longer all zeros when it is " \
        "handed out again, when its slab gets it back, or when the thread or the program ends, was written to after its free, which ends the program.") \
    SCALAR(security, canaries, HAK_TYPE_SWITCH, "", 0, 1, 0, HAK_ROW_PLAIN, HAK_SCALE_CATEGORY, NULL, \
        "Whether a secret pattern stands behind the bytes that were asked for, in objects of up to 64KiB, each 8 bytes longer for it. A write behind " \
        "the end, and be it of one byte, ends the program when the object is freed or reallocated; malloc_usable_size is what was asked for.") \
    SCALAR(security, guarded, HAK_TYPE_SHARE, "allocations", 0, UINT64_C(1) << 32, 0, HAK_ROW_PLAIN, HAK_SCALE_LOG, NULL, \
        "One allocation in so many, of up to a page, gets a page of its own between pages that nobody may touch, and the call stacks of its allocation and " \
        "of its free are kept: a use after its free, a write behind its end or before its start, and a double or wrong free of it are reported with both. 1/5000 " \
        "is for production; 1/1 takes every allocation until 64 of them are in use, and fewer then. A thread's come N times 5000ns of its time apart at least, where N is above 1000. 0 is none. Not together with a heap profile.") \
    SCALAR(security, guard_pages, HAK_TYPE_SWITCH, "", 0, 1, 0, HAK_ROW_PLAIN, HAK_SCALE_CATEGORY, NULL, \
        "Whether inaccessible pages stand behind each slab, and before and behind each large object, which ends where its pages do, or up to 15 bytes " \
        "before: who writes or reads beyond gets a SIGSEGV. What is left of the pages holds a pattern that is looked at when the object is freed or " \
        "reallocated; malloc_usable_size of a large object is what was asked for. Each takes a mapping of the kernel's (vm.max_map_count); where that is " \
        "refused memory is handed out without it, which is said once, and counted (guard_refusals). No huge pages in slabs.") \
    SCALAR(security, quarantine, HAK_TYPE_SIZE, "bytes", 0, 64 * HAK_MIB, 0, HAK_ROW_PLAIN, HAK_SCALE_LOG, NULL, \
        "Bytes of freed objects that wait, for each thread and each size class, before they can be handed out again; 1,024 objects at most. Each that is " \
        "freed takes the place of another one, drawn at random. Of large objects the addresses wait, without memory and without access: those of 256 at most, and " \
        "of 4,096 times these bytes together. malloc_trim ends the wait of the calling thread's and of large objects. With 0 nothing waits; other " \
        "values bring all that checks: full does.") \
    SCALAR(security, randomize, HAK_TYPE_SWITCH, "", 0, 1, 0, HAK_ROW_PLAIN, HAK_SCALE_CATEGORY, NULL, \
        "Whether addresses are left to chance: of a slab's 64 lowest free objects each is handed out with the same chance, and of the 64 newest that a thread keeps where each " \
        "call takes its slow path (security.checks: full); else an object that was freed last is still the next one. Slabs lie anywhere in SuperSlabs, and " \
        "SuperSlabs and mappings of large objects anywhere in 64GiB of addresses. It costs locality, and a little memory for the page map.")
/* clang-format on */

#endif
