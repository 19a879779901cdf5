/* SPDX-License-Identifier: MIT */
/* The root by which other processes read the heap is whole, and the note leads to it. */
#include "lib/heap/heap.h"
#include "lib/heap/size_class.h"
#include "lib/profile/active.h"
#include "tests/profile/cmocka_all.h"

#include <hakmem/hakmem.h>
#include <hakmem/inspect.h>

#include <elf.h>
#include <link.h>

#define NAME_WHOLE(name, structure) #name,
#define NAME_PART(name, structure, member) #name,
static const char *const names[] = {HAK_INSPECT_MEMBERS(NAME_WHOLE, NAME_PART)};

static void every_member_has_a_place(void **state)
{
    (void)state;
    assert_int_equal(hak_inspect_root.member_count, HAK_INSPECT_MEMBER_COUNT);
    assert_int_equal(sizeof names / sizeof *names, HAK_INSPECT_MEMBER_COUNT);
    for (size_t i = 0; i < HAK_INSPECT_MEMBER_COUNT; i++)
        if (hak_inspect_root.member[i].bytes == 0)
            fail_msg("%s has no place", names[i]);
}

static void every_variable_has_an_address(void **state)
{
    (void)state;
    assert_int_equal(hak_inspect_root.variable_count, HAK_INSPECT_VARIABLE_COUNT);
    for (size_t i = 0; i < HAK_INSPECT_VARIABLE_COUNT; i++)
        assert_non_null(hak_inspect_root.variable[i]);
}

static uint64_t read_number(const void *structure, enum hak_inspect_member member)
{
    const struct hak_inspect_place *place = &hak_inspect_root.member[member];
    uint64_t number = 0; /* of a little-endian machine, as all are that this is built for */
    memcpy(&number, (const char *)structure + place->offset, place->bytes);
    return number;
}

/* By the root alone, as a reader does. */
static void figures_are_where_it_says(void **state)
{
    (void)state;
    hak_free(hak_malloc(1));
    assert_string_equal(hak_inspect_root.magic, HAK_INSPECT_MAGIC);
    assert_int_equal(hak_inspect_root.bytes, sizeof hak_inspect_root);
    const char *classes = hak_inspect_root.variable[HAK_INSPECT_VARIABLE_CLASSES];
    size_t stride = hak_inspect_root.member[HAK_INSPECT_CLASS].bytes;
    assert_int_equal(*(const unsigned *)hak_inspect_root.variable[HAK_INSPECT_VARIABLE_CLASS_COUNT], size_class_count);
    for (unsigned class = 0; class < size_class_count; class ++) {
        assert_int_equal(read_number(classes + class * stride, HAK_INSPECT_CLASS_SIZE), size_classes[class].size);
        assert_int_equal(read_number(classes + class * stride, HAK_INSPECT_CLASS_BLOCKS), size_classes[class].blocks);
    }
    assert_int_equal(read_number(hak_inspect_root.variable[HAK_INSPECT_VARIABLE_SHARED_HEAP], HAK_INSPECT_HEAP_REFILLS),
                     atomic_load(&shared_heap.counts.refills));
}

/* --- the note ----------------------------------------------------------------------------------------------------- */

static size_t align_note(size_t bytes)
{
    return (bytes + 3) & ~(size_t)3;
}

/* Counts the notes that lead to the root, and fails for one that leads elsewhere. */
static int find_note(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const char *at = (const char *)(info->dlpi_addr + segment->p_vaddr), *end = at + segment->p_memsz;
        while (segment->p_type == PT_NOTE && at < end) {
            const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
            const char *name = at + sizeof *note, *descriptor = name + align_note(note->n_namesz);
            if (note->n_namesz == sizeof HAK_INSPECT_NOTE_NAME && strcmp(name, HAK_INSPECT_NOTE_NAME) == 0) {
                int32_t distance;
                assert_int_equal(note->n_type, HAK_INSPECT_NOTE_TYPE);
                assert_int_equal(note->n_descsz, sizeof distance);
                memcpy(&distance, descriptor, sizeof distance);
                assert_ptr_equal(descriptor + distance, &hak_inspect_root);
                ++*(int *)context;
            }
            at = descriptor + align_note(note->n_descsz);
        }
    }
    return 0;
}

static void the_note_leads_to_it(void **state)
{
    (void)state;
    int found = 0;
    dl_iterate_phdr(find_note, &found);
    assert_int_equal(found, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_has_a_place),
        cmocka_unit_test(every_variable_has_an_address),
        cmocka_unit_test(figures_are_where_it_says),
        cmocka_unit_test(the_note_leads_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
