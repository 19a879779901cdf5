/* SPDX-License-Identifier: MIT */
/* What is shown of a look that is made up: tables, their order, lines of a terminal, pictures. */
#include "cli/inspect/listing.h"
#include "cli/inspect/live.h"
#include "cli/inspect/map.h"
#include "cli/inspect/page_picture.h"
#include "cli/inspect/print.h"
#include "cli/output/keys.h"
#include "cli/output/utf8.h"
#include "tests/profile/cmocka_all.h"

#include <math.h>

/* --- a look ------------------------------------------------------------------------------------------------------- */

#define PAGE_SHIFT 16

static struct snapshot_heap heaps[3], heaps_before[2];
static struct snapshot_superslab superslabs[2];
static struct snapshot_run runs[16];
static struct snapshot_mapping mappings[2];
static struct target target;
static struct look look;

static void add_run(struct snapshot_superslab *superslab, uint32_t pages, enum page_use use, uint16_t class,
                    uint16_t free)
{
    struct snapshot *now = &look.now;
    uint32_t first = 0;
    for (size_t i = 0; i < superslab->runs; i++)
        first += runs[superslab->first_run + i].pages;
    if (superslab->runs++ == 0)
        superslab->first_run = now->run_count;
    superslab->count[use] += pages;
    superslab->pages = first + pages;
    runs[now->run_count++] = (struct snapshot_run){.first = first,
                                                   .pages = pages,
                                                   .use = (uint8_t)use,
                                                   .class = class,
                                                   .blocks = (uint16_t)now->classes[class].blocks,
                                                   .free = free};
}

static void set_class(size_t index, uint32_t size, uint32_t blocks, uint64_t slabs, int64_t taken, uint64_t cached)
{
    struct snapshot_class *class = &look.now.classes[index];
    *class = (struct snapshot_class){.size = size, .blocks = blocks, .pages = 1};
    class->counts = (struct hak_class_counts){.size = size,
                                              .blocks = blocks,
                                              .slab_size = UINT64_C(1) << PAGE_SHIFT,
                                              .slabs = slabs,
                                              .taken = taken,
                                              .cached = cached};
    class->figures = hak_class_figures(&class->counts);
}

static int make_look(void **state)
{
    (void)state;
    memset(&look, 0, sizeof look);
    memset(superslabs, 0, sizeof superslabs);
    target = (struct target){.pid = 1234, .program = "a<b>&c", .library = "/usr/lib/libhakmem.so.0"};
    strcpy(target.layout.root.library, "0.1.0");
    struct snapshot *now = &look.now;
    now->page_shift = PAGE_SHIFT;
    strcpy(now->profile, "default");
    now->class_count = 3;
    set_class(0, 16, 4096, 2, 4100, 100);
    set_class(1, 1024, 64, 1, 32, 0);
    set_class(2, 4096, 16, 0, 0, 0); /* no slabs: it is not shown */
    heaps[0] = (struct snapshot_heap){.address = 1, .id = 1, .thread = 1234, .name = "main", .cached_bytes = 100};
    heaps[1] = (struct snapshot_heap){.address = 2, .id = 2, .thread = 1300, .name = "worker", .cached_bytes = 5000};
    heaps[2] = (struct snapshot_heap){.address = 3, .id = 3, .idle = true, .refills = 50};
    now->heaps = heaps;
    now->heap_count = 3;
    superslabs[0].base = UINT64_C(0x7f0000000000);
    superslabs[1] =
        (struct snapshot_superslab){.base = UINT64_C(0x7f0000400000), .kind = HAK_INSPECT_AREA, .huge = true};
    add_run(&superslabs[0], 1, PAGES_SLAB, 0, 0);
    add_run(&superslabs[0], 1, PAGES_SLAB, 0, 3000);
    add_run(&superslabs[0], 1, PAGES_SLAB, 1, 32);
    add_run(&superslabs[0], 2, PAGES_RETAINED, 0, 0);
    add_run(&superslabs[0], 1, PAGES_RELEASED, 0, 0);
    add_run(&superslabs[0], 1, PAGES_LAZY, 0, 0);
    add_run(&superslabs[0], 9, PAGES_FRESH, 0, 0);
    add_run(&superslabs[1], 100, PAGES_LARGE, 0, 0);
    add_run(&superslabs[1], 156, PAGES_FRESH, 0, 0);
    now->superslabs = superslabs;
    now->superslab_count = 2;
    now->runs = runs;
    mappings[0] = (struct snapshot_mapping){UINT64_C(0x7e0000000000), UINT64_C(50) << 20, false};
    mappings[1] = (struct snapshot_mapping){UINT64_C(0x7e1000000000), UINT64_C(20) << 20, true};
    now->mappings = mappings;
    now->mapping_count = 2;
    now->large_blocks = 2;
    now->large_bytes = (UINT64_C(50) << 20) + (UINT64_C(100) << PAGE_SHIFT);
    now->counts.superslabs = 2;
    return 0;
}

/* The look before: two seconds ago, without the third heap. */
static void add_before(void)
{
    look.before = look.now;
    memcpy(heaps_before, heaps, sizeof heaps_before);
    look.before.heaps = heaps_before;
    look.before.heap_count = 2;
    look.has_before = true;
    look.seconds = 2;
    heaps[1].refills += 30;
    look.now.events.refills += 30;
    look.now.classes[1].figures.allocated_bytes += 4096;
}

/* --- listings ----------------------------------------------------------------------------------------------------- */

static size_t column_of(const struct listing *listing, const char *name)
{
    for (size_t i = 0; i < listing->column_count; i++)
        if (strcmp(listing->columns[i].name, name) == 0)
            return i;
    fail_msg("there is no column %s", name);
    return 0;
}

static void expect_cell(const struct listing *listing, size_t row, const char *column, enum listing_reader reader,
                        const char *expected)
{
    char text[LISTING_CELL];
    assert_string_equal(listing_show(listing, row, column_of(listing, column), reader, text), expected);
}

static void classes_for_people_and_programs(void **state)
{
    (void)state;
    struct listing listing = listing_make(&look, LISTING_CLASSES);
    assert_int_equal(listing.row_count, 3);
    expect_cell(&listing, 0, "size", LISTING_FOR_UTF8, "16 B");
    expect_cell(&listing, 0, "memory", LISTING_FOR_UTF8, "128 KiB");
    expect_cell(&listing, 0, "memory", LISTING_FOR_PROGRAM, "131072");
    expect_cell(&listing, 0, "allocated", LISTING_FOR_PROGRAM, "64000");
    expect_cell(&listing, 0, "cached", LISTING_FOR_PROGRAM, "1600");
    expect_cell(&listing, 0, "full", LISTING_FOR_UTF8, "50 %");
    expect_cell(&listing, 0, "fragm.", LISTING_FOR_PROGRAM, "0.511719");
    expect_cell(&listing, 0, "growth", LISTING_FOR_UTF8, "-");
    expect_cell(&listing, 0, "growth", LISTING_FOR_PROGRAM, "");
    expect_cell(&listing, 1, "size", LISTING_FOR_UTF8, "1 KiB");
    expect_cell(&listing, 2, "size", LISTING_FOR_UTF8, "larger");
    expect_cell(&listing, 2, "blocks", LISTING_FOR_UTF8, "2");
    listing_free(&listing);
    add_before();
    listing = listing_make(&look, LISTING_CLASSES);
    expect_cell(&listing, 0, "growth", LISTING_FOR_UTF8, "0");
    expect_cell(&listing, 1, "growth", LISTING_FOR_UTF8, "+2 KiB/s");
    listing_free(&listing);
}

static void threads_with_rates(void **state)
{
    (void)state;
    add_before();
    struct listing listing = listing_make(&look, LISTING_THREADS);
    expect_cell(&listing, 1, "name", LISTING_FOR_UTF8, "worker");
    expect_cell(&listing, 1, "refills/s", LISTING_FOR_UTF8, "15");
    expect_cell(&listing, 2, "name", LISTING_FOR_UTF8, "(ended)");
    expect_cell(&listing, 2, "thread", LISTING_FOR_UTF8, "-");
    expect_cell(&listing, 2, "refills/s", LISTING_FOR_UTF8, "-"); /* it was not there before */
    listing_free(&listing);
}

static void expect_order(struct listing *listing, const char *column, bool backwards, const char *expected)
{
    char text[LISTING_CELL], all[4 * LISTING_CELL] = "";
    listing_sort(listing, column_of(listing, column), backwards);
    for (size_t i = 0; i < listing->row_count; i++)
        strcat(strcat(all, listing_show(listing, i, column_of(listing, "heap"), LISTING_FOR_UTF8, text)), " ");
    assert_string_equal(all, expected);
}

static void order(void **state)
{
    (void)state;
    struct listing listing = listing_make(&look, LISTING_THREADS);
    expect_order(&listing, "cached", false, "2 1 3 ");
    expect_order(&listing, "cached", true, "3 1 2 ");
    expect_order(&listing, "thread", false, "2 1 3 "); /* what is not known comes last, */
    expect_order(&listing, "thread", true, "1 2 3 ");  /* either way */
    expect_order(&listing, "name", false, "3 1 2 ");
    expect_order(&listing, "name", true, "2 1 3 ");
    expect_order(&listing, "buffered", false, "2 1 3 "); /* equal ones stay as they are */
    listing_free(&listing);
}

static void pictures_of_pages(void **state)
{
    (void)state;
    char text[LISTING_CELL];
    assert_string_equal(page_picture(&look.now, 0, true, text, sizeof text), "█░▒--.~         ");
    assert_string_equal(page_picture(&look.now, 0, false, text, sizeof text), "#:+--.~         ");
    assert_string_equal(page_picture(&look.now, 1, false, text, sizeof text), "############+                   ");
    assert_string_equal(page_picture(&look.now, 0, true, text, 8), "█░"); /* a character is not cut */
}

static void memory_by_kind(void **state)
{
    (void)state;
    struct listing listing = listing_make(&look, LISTING_MEMORY);
    assert_int_equal(listing.row_count, 5);
    expect_cell(&listing, 0, "memory for", LISTING_FOR_UTF8, "slabs");
    expect_cell(&listing, 0, "used", LISTING_FOR_UTF8, "192 KiB");
    expect_cell(&listing, 0, "retained", LISTING_FOR_UTF8, "128 KiB");
    expect_cell(&listing, 0, "lazily freed", LISTING_FOR_UTF8, "64 KiB");
    expect_cell(&listing, 0, "released", LISTING_FOR_UTF8, "64 KiB");
    expect_cell(&listing, 1, "huge pages", LISTING_FOR_UTF8, "16 MiB");
    expect_cell(&listing, 2, "used", LISTING_FOR_UTF8, "50 MiB");
    expect_cell(&listing, 3, "retained", LISTING_FOR_UTF8, "20 MiB");
    listing_free(&listing);
}

/* --- a terminal's lines ------------------------------------------------------------------------------------------- */

static char drawn[64 * 1024];

static const char *draw(struct live *live, size_t columns, size_t lines)
{
    struct frame frame = {.columns = columns, .most_lines = lines, .utf8 = live->utf8};
    live_draw(live, &frame);
    assert_true(frame_lines(&frame) <= lines);
    drawn[0] = '\0';
    for (size_t i = 0; i < frame_lines(&frame); i++) {
        assert_true(utf8_width(frame.lines[i].text, strlen(frame.lines[i].text)) <= columns);
        strcat(strcat(drawn, frame.lines[i].text), "\n");
    }
    frame_free(&frame);
    return drawn;
}

static void expect_drawn(struct live *live, const char *expected)
{
    if (!strstr(draw(live, 79, 23), expected))
        fail_msg("\"%s\" is not in:\n%s", expected, drawn);
}

static void any_terminal_is_large_enough(void **state)
{
    (void)state;
    struct live live;
    add_before();
    live_open(&live, &target, &look, 1);
    for (size_t kind = 0; kind < LISTINGS; kind++, live_key(&live, KEY_TAB))
        for (size_t columns = 0; columns < 220; columns += 7)
            for (size_t lines = 0; lines < 60; lines += 5)
                draw(&live, columns, lines);
    live_close(&live);
}

static void keys(void **state)
{
    (void)state;
    struct live live;
    live_open(&live, &target, &look, 1);
    live.utf8 = false;
    expect_drawn(&live, "[classes]");
    expect_drawn(&live, "size  slabs    memory  allocated   full  fragm.");
    assert_true(live_key(&live, 't'));
    expect_drawn(&live, "[threads]");
    expect_drawn(&live, "cachedv");
    expect_drawn(&live, "1300  worker");
    assert_true(live_key(&live, '<'));
    expect_drawn(&live, "name^"); /* texts begin with A */
    assert_true(live_key(&live, 'r'));
    expect_drawn(&live, "namev");
    for (size_t i = 0; i < 40; i++) /* round and round */
        assert_true(live_key(&live, i % 3 ? KEY_RIGHT : KEY_LEFT));
    assert_true(live_key(&live, KEY_TAB));
    expect_drawn(&live, "[superslabs]");
    assert_true(live_key(&live, 'm'));
    expect_drawn(&live, "[memory]");
    assert_true(live_key(&live, ' '));
    expect_drawn(&live, "paused");
    assert_true(live_key(&live, 'x')); /* of no meaning */
    assert_false(live_key(&live, 'q'));
    live_close(&live);
}

static void scrolling(void **state)
{
    (void)state;
    struct live live;
    live_open(&live, &target, &look, 1);
    live_key(&live, 't');
    draw(&live, 79, 9); /* two rows of three */
    assert_non_null(strstr(drawn, "1-2 of 3"));
    live_key(&live, KEY_DOWN);
    draw(&live, 79, 9);
    assert_non_null(strstr(drawn, "2-3 of 3"));
    live_key(&live, KEY_PAGE_DOWN);
    draw(&live, 79, 9);
    assert_non_null(strstr(drawn, "2-3 of 3"));
    live_key(&live, KEY_PAGE_UP);
    live_key(&live, KEY_UP);
    draw(&live, 79, 9);
    assert_non_null(strstr(drawn, "1-2 of 3"));
    live_close(&live);
}

/* Figures do not move to and fro from look to look. */
static void columns_keep_their_width(void **state)
{
    (void)state;
    struct live live;
    add_before();
    live_open(&live, &target, &look, 1);
    const char *before = strstr(draw(&live, 120, 23), "16 B");
    ptrdiff_t place = before - drawn;
    look.now.classes[1].figures.allocated_bytes -= 4096;
    live_renew(&live);
    assert_int_equal(strstr(draw(&live, 120, 23), "16 B") - drawn, place);
    live_close(&live);
}

static void doubt_is_said(void **state)
{
    (void)state;
    struct live live;
    look.now.torn = 3;
    live_open(&live, &target, &look, 1);
    expect_drawn(&live, "3 parts changed");
    live_close(&live);
}

/* --- documents ---------------------------------------------------------------------------------------------------- */

static char document[1 << 20];

static const char *printed(enum output_format format)
{
    FILE *stream = fmemopen(document, sizeof document, "w");
    inspect_print(stream, &look, &target, format);
    fclose(stream);
    return document;
}

static void expect_printed(enum output_format format, const char *expected)
{
    if (!strstr(printed(format), expected))
        fail_msg("\"%s\" is not in:\n%s", expected, document);
}

static void documents(void **state)
{
    (void)state;
    expect_printed(OUTPUT_TEXT,
                   "a<b>&c (process 1234): libhakmem 0.1.0, profile default, from /usr/lib/libhakmem.so.0");
    expect_printed(OUTPUT_TEXT, " 1 KiB      1    64 KiB     32 KiB");
    expect_printed(OUTPUT_MARKDOWN, "## Size classes\n\n| size | slabs | memory |");
    expect_printed(OUTPUT_JSON, "\"program\": \"a<b>&c\"");
    assert_true(strncmp(printed(OUTPUT_CSV), "size,slabs,slab_bytes,allocated_bytes,allocated,", 48) == 0);
    expect_printed(OUTPUT_CSV, "\n1024,1,65536,32768,32,0.500000,0.500000,0,32768,,0\n");
}

static const char *map(enum map_format format)
{
    FILE *stream = fmemopen(document, sizeof document, "w");
    assert_int_equal(map_write(stream, format, &look, &target), 0);
    fclose(stream);
    return document;
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        found++;
    return found;
}

static void maps(void **state)
{
    (void)state;
    const char *svg = map(MAP_SVG);
    assert_true(strncmp(svg, "<svg ", 5) == 0);
    assert_non_null(strstr(svg, "a&lt;b&gt;&amp;c (process 1234)"));
    assert_non_null(
        strstr(svg, "<title>0x7f0000010000: slab of blocks of 16 bytes, 1096 of 4096 in use (27 %), 64 KiB"));
    assert_non_null(strstr(svg, "<title>0x7f0000400000: large block, 6.25 MiB</title>"));
    assert_non_null(strstr(svg, "<title>0x7e1000000000: a freed mapping, retained, 20 MiB</title>"));
    assert_int_equal(count(svg, "<title>"), 1 + 9 + 2); /* of the picture, the runs, the mappings */
    assert_int_equal(count(svg, "<svg "), count(svg, "</svg>"));
    assert_int_equal(count(svg, "<g "), count(svg, "</g>"));
    assert_null(strstr(svg, "k2")); /* nothing has that class */
    const char *html = map(MAP_HTML);
    assert_true(strncmp(html, "<!DOCTYPE html>", 15) == 0);
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "src="));
    assert_null(strstr(html, "@import"));
    assert_int_equal(map_format_of("a.svg"), MAP_SVG);
    assert_int_equal(map_format_of("a.b.html"), MAP_HTML);
    assert_int_equal(map_format_of("svg"), MAP_NONE);
    assert_int_equal(map_format_of("a.svg.gz"), MAP_NONE);
}

/* A heap that no browser could show is drawn in part, and that is said. */
static void a_map_has_an_end(void **state)
{
    (void)state;
    size_t many = MAP_MOST_ROWS + 10;
    struct snapshot_superslab *list = calloc(many, sizeof *list);
    assert_non_null(list);
    for (size_t i = 0; i < many; i++) {
        list[i] = superslabs[0];
        list[i].base += (uint64_t)i << 20;
    }
    look.now.superslabs = list;
    look.now.superslab_count = many;
    FILE *stream = tmpfile();
    assert_non_null(stream);
    assert_int_equal(map_write(stream, MAP_SVG, &look, &target), 10);
    fclose(stream);
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(classes_for_people_and_programs, make_look),
        cmocka_unit_test_setup(threads_with_rates, make_look),
        cmocka_unit_test_setup(order, make_look),
        cmocka_unit_test_setup(pictures_of_pages, make_look),
        cmocka_unit_test_setup(memory_by_kind, make_look),
        cmocka_unit_test_setup(any_terminal_is_large_enough, make_look),
        cmocka_unit_test_setup(keys, make_look),
        cmocka_unit_test_setup(scrolling, make_look),
        cmocka_unit_test_setup(columns_keep_their_width, make_look),
        cmocka_unit_test_setup(doubt_is_said, make_look),
        cmocka_unit_test_setup(documents, make_look),
        cmocka_unit_test_setup(maps, make_look),
        cmocka_unit_test_setup(a_map_has_an_end, make_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
