/* SPDX-License-Identifier: MIT */
/* What mallinfo2, mallinfo, malloc_info, malloc_trim, malloc_stats and mallopt promise (their manual pages, and
 * hakmem.h where it is narrower). */
#include "lib/observe/mallopt_parameters.h"
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

_Static_assert(sizeof(struct hak_mallinfo2) == 10 * sizeof(size_t),
               "the GNU C library's struct mallinfo2 has ten size_t");

/* --- mallinfo2 and mallinfo --------------------------------------------------------------------------------------- */

/* Bytes in use, wherever they are: the GNU C library counts mappings of their own in hblkhd alone. */
static size_t bytes_in_use(void)
{
    struct hak_mallinfo2 info = under_test.mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void test_use_follows_blocks(void)
{
    static const struct {
        size_t size, count;
    } steps[] = {{16, 100000},    {100, 50000},    {1000, 20000}, {5000, 4000},  {20 * KIB, 500},
                 {60 * KIB, 200}, {300 * KIB, 40}, {5 * MIB, 4},  {100 * MIB, 1}};
    static void *blocks[100000];
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        size_t asked = steps[i].size * steps[i].count;
        size_t before = bytes_in_use();
        for (size_t j = 0; j < steps[i].count; j++)
            blocks[j] = under_test.malloc(steps[i].size);
        size_t full = bytes_in_use();
        for (size_t j = 0; j < steps[i].count; j++)
            under_test.free(blocks[j]);
        size_t after = bytes_in_use();
        tap_ok(full >= before + asked && full <= before + asked * 3 && after <= full - asked,
               "mallinfo2: %zu blocks of %zu bytes come and go (%zu, %zu, %zu bytes in use)", steps[i].count,
               steps[i].size, before, full, after);
    }
}

static void test_figures_fit_together(void)
{
    static void *blocks[20000];
    for (size_t i = 0; i < 20000; i++)
        blocks[i] = under_test.malloc(i % 20000);
    for (size_t i = 0; i < 20000; i += 2)
        under_test.free(blocks[i]);
    void *mapping = under_test.malloc(200 * MIB);
    struct hak_mallinfo2 info = under_test.mallinfo2();
    tap_note("arena %zu ordblks %zu smblks %zu hblks %zu hblkhd %zu usmblks %zu fsmblks %zu uordblks %zu fordblks %zu "
             "keepcost %zu",
             info.arena, info.ordblks, info.smblks, info.hblks, info.hblkhd, info.usmblks, info.fsmblks, info.uordblks,
             info.fordblks, info.keepcost);
    tap_ok(info.uordblks >= 10000 * 10000, "mallinfo2: uordblks holds the 10,000 live blocks");
    tap_ok(info.fordblks <= info.arena, "mallinfo2: fordblks (free) is part of arena");
    tap_ok(info.uordblks + info.fordblks <= info.arena + info.hblkhd,
           "mallinfo2: what is in use and what is free fit into arena and mappings");
    tap_ok(info.uordblks + info.fordblks >= info.arena / 10 * 9,
           "mallinfo2: what is in use and what is free make up the arena");
    tap_ok(info.hblks >= 1 && info.hblkhd >= 200 * MIB,
           "mallinfo2: a block of 200 MiB is a mapping of its own, in hblks and hblkhd");
    tap_ok(info.usmblks == 0, "mallinfo2: usmblks is 0");
    tap_ok(info.smblks <= info.ordblks && info.fsmblks <= info.fordblks, "mallinfo2: cached blocks are free blocks");
    tap_ok((info.smblks == 0) == (info.fsmblks == 0),
           "mallinfo2: there are cached bytes if and only if there are cached blocks");
    tap_ok(info.keepcost <= info.arena + info.hblkhd, "mallinfo2: no more can be trimmed than there is");
    under_test.free(mapping);
    struct hak_mallinfo2 without = under_test.mallinfo2();
    tap_ok(without.hblks < info.hblks && without.hblkhd + 200 * MIB <= info.hblkhd,
           "mallinfo2: hblks and hblkhd fall when the mapping is freed");
    for (size_t i = 1; i < 20000; i += 2)
        under_test.free(blocks[i]);
}

/* The int fields wrap in the GNU C library; below INT_MAX they are the same. */
static void test_mallinfo(const char *prefix)
{
#ifndef HAVE_STRUCT_MALLINFO
    (void)prefix;
    tap_skip("this C library has no struct mallinfo");
#else
    if (*prefix != '\0') {
        tap_skip("there is no hak_mallinfo: its ints are too small for what it counts");
        return;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    struct mallinfo narrow = mallinfo();
#pragma GCC diagnostic pop
    struct hak_mallinfo2 wide = under_test.mallinfo2();
    tap_ok((int)wide.arena == narrow.arena && (int)wide.uordblks == narrow.uordblks &&
               (int)wide.fordblks == narrow.fordblks && (int)wide.hblks == narrow.hblks &&
               (int)wide.hblkhd == narrow.hblkhd && narrow.usmblks == 0,
           "mallinfo has mallinfo2's figures (arena %d and %zu)", narrow.arena, wide.arena);
#endif
}

/* --- malloc_info -------------------------------------------------------------------------------------------------- */

/* Deepest nesting that the checker follows. */
#define XML_DEPTH_MAX 32

struct xml {
    const char *place;
    int depth;
    int roots;
    struct {
        const char *name;
        size_t length;
    } open[XML_DEPTH_MAX];
};

static size_t xml_name_length(const char *text)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) || (length && strchr("-_.:", text[length]) && text[length]))
        length++;
    return length;
}

static void xml_skip_space(struct xml *xml)
{
    while (isspace((unsigned char)*xml->place))
        xml->place++;
}

/* Attributes up to the end of the tag; true if each is name="value". */
static bool xml_attributes(struct xml *xml)
{
    for (;;) {
        xml_skip_space(xml);
        size_t length = xml_name_length(xml->place);
        if (length == 0)
            return true;
        xml->place += length;
        if (*xml->place++ != '=')
            return false;
        char quote = *xml->place++;
        if (quote != '"' && quote != '\'')
            return false;
        size_t value = strcspn(xml->place, quote == '"' ? "\"<" : "'<");
        xml->place += value;
        if (*xml->place++ != quote)
            return false;
    }
}

static bool xml_closing_tag(struct xml *xml)
{
    size_t length = xml_name_length(xml->place);
    if (xml->depth == 0 || xml->open[xml->depth - 1].length != length ||
        strncmp(xml->open[xml->depth - 1].name, xml->place, length) != 0)
        return false;
    xml->depth--;
    xml->place += length;
    xml_skip_space(xml);
    return *xml->place++ == '>';
}

static bool xml_opening_tag(struct xml *xml)
{
    size_t length = xml_name_length(xml->place);
    if (length == 0 || xml->depth == XML_DEPTH_MAX)
        return false;
    if (xml->depth == 0)
        xml->roots++;
    xml->open[xml->depth].name = xml->place;
    xml->open[xml->depth].length = length;
    xml->place += length;
    if (!xml_attributes(xml))
        return false;
    if (xml->place[0] == '/' && xml->place[1] == '>') {
        xml->place += 2;
        return true;
    }
    xml->depth++;
    return *xml->place++ == '>';
}

static bool xml_tag(struct xml *xml)
{
    if (strncmp(xml->place, "<?", 2) == 0) {
        const char *end = strstr(xml->place, "?>");
        xml->place = end ? end + 2 : xml->place;
        return end != NULL;
    }
    if (strncmp(xml->place, "<!--", 4) == 0) {
        const char *end = strstr(xml->place + 4, "-->");
        xml->place = end ? end + 3 : xml->place;
        return end != NULL;
    }
    xml->place++;
    if (*xml->place != '/')
        return xml_opening_tag(xml);
    xml->place++;
    return xml_closing_tag(xml);
}

/* Is TEXT one well-formed element with balanced tags, and text in elements only? */
static bool xml_well_formed(const char *text)
{
    struct xml xml = {.place = text};
    while (*xml.place) {
        if (*xml.place == '<' ? !xml_tag(&xml)
                              : (xml.depth == 0 && !isspace((unsigned char)*xml.place)) || *xml.place == '&') {
            tap_note("malloc_info: not well-formed from here: %.60s", xml.place);
            return false;
        }
        if (*xml.place && *xml.place != '<')
            xml.place++;
    }
    return xml.depth == 0 && xml.roots == 1;
}

static void test_checker(void)
{
    tap_ok(xml_well_formed("<?xml version=\"1.0\"?>\n<a x=\"1\"><b/><c>text</c></a>\n") &&
               !xml_well_formed("<a><b></a></b>") && !xml_well_formed("<a>") && !xml_well_formed("<a x=1/>") &&
               !xml_well_formed("<a/><b/>") && !xml_well_formed(""),
           "the XML checker of this test tells good from bad");
}

static char *whole_info(char *text, size_t size)
{
    FILE *file = tmpfile();
    memset(text, 0, size);
    if (!file)
        return text;
    errno = 0;
    int status = under_test.info(0, file);
    tap_ok(status == 0, "malloc_info(0, stream) returns 0 (%d, errno %d)", status, errno);
    tap_ok(ftell(file) > 0, "malloc_info writes to the stream");
    rewind(file);
    size_t length = fread(text, 1, size - 1, file);
    text[length] = 0;
    fclose(file);
    return text;
}

static void test_info(void)
{
    static char text[1 << 20];
    void *small = under_test.malloc(100), *large = under_test.malloc(50 * MIB);
    whole_info(text, sizeof text);
    tap_ok(xml_well_formed(text), "malloc_info: the document is well-formed");
    tap_ok(strncmp(text, "<malloc version=\"", 17) == 0 || strstr(text, "?>\n<malloc version=\""),
           "malloc_info: the root is <malloc version=...>");
    tap_ok(strstr(text, "<system type=\"current\" size=\"") && strstr(text, "<system type=\"max\" size=\""),
           "malloc_info: has the GNU C library's system sizes, current and max");
    under_test.free(small);
    under_test.free(large);

    static const int options[] = {1, -1, 2, INT_MAX, INT_MIN};
    FILE *file = tmpfile();
    bool refused = true;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        errno = 0;
        int status = under_test.info(options[i], file);
        if (status != -1 || errno != EINVAL) {
            tap_note("malloc_info(%d): %d, errno %d", options[i], status, errno);
            refused = false;
        }
    }
    tap_ok(refused, "malloc_info: options other than 0 give -1 with EINVAL");
    fflush(file);
    tap_ok(ftell(file) == 0, "malloc_info writes nothing when it refuses");
    fclose(file);
}

/* --- malloc_trim, mallopt, malloc_stats --------------------------------------------------------------------------- */

static void test_trim(void)
{
    enum { COUNT = 64 * 1024 };
    static char *blocks[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = under_test.malloc(1000);
        memset(blocks[i], 1, 1000);
    }
    for (size_t i = 0; i < COUNT; i++)
        under_test.free(blocks[i]);
    tap_ok(under_test.trim(PTRDIFF_MAX) == 0,
           "malloc_trim with a pad above all there is gives nothing back and returns 0");
    tap_ok(under_test.trim(0) == 1, "malloc_trim(0) returns 1 after 64 MiB of blocks were freed");
    int rounds = 0;
    while (under_test.trim(0) != 0 && rounds < 20)
        rounds++;
    tap_ok(rounds < 20, "malloc_trim(0) returns 0 when there is nothing left to give back");
    bool good = true;
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = under_test.malloc(1000);
        pattern_fill(blocks[i], 1000, i);
    }
    under_test.trim(0);
    for (size_t i = 0; i < COUNT; i++) {
        good = good && pattern_holds(blocks[i], 1000, i);
        under_test.free(blocks[i]);
    }
    tap_ok(good, "malloc_trim leaves live blocks alone, and trimmed memory serves again");
}

/* Resident memory as the kernel counts it, in bytes. */
static size_t resident(void)
{
    unsigned long total = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file)
        return 0;
    if (fscanf(file, "%lu %lu", &total, &pages) != 2)
        pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void test_trim_gives_back(void)
{
    enum { COUNT = 100000 };
    static char *blocks[COUNT];
    size_t before = resident();
    if (tap_in_emulator()) {
        tap_skip("resident memory is the emulator's as well");
        return;
    }
    if (!before) {
        tap_skip("/proc/self/statm cannot be read, so resident memory is not known");
        return;
    }
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = under_test.malloc(1000);
        memset(blocks[i], 1, 1000);
    }
    size_t full = resident();
    for (size_t i = 0; i < COUNT; i++)
        under_test.free(blocks[i]);
    under_test.trim(0);
    size_t after = resident();
    tap_ok(after < before + (full - before) / 4, "malloc_trim(0) gives freed memory back (resident %zu, %zu, %zu KiB)",
           before / KIB, full / KIB, after / KIB);
}

static void test_mallopt(void)
{
    static const int known[][2] = {{M_MXFAST, 64},   {M_TRIM_THRESHOLD, 1 << 20}, {M_TOP_PAD, 4096},
                                   {M_MMAP_MAX, 10}, {M_MMAP_THRESHOLD, 1 << 20}, {M_CHECK_ACTION, 3},
                                   {M_PERTURB, 0},   {M_ARENA_TEST, 2},           {M_ARENA_MAX, 4}};
    static const int unknown[] = {0, 2, 12345, -9, -1000, INT_MAX, INT_MIN};
    bool accepted = true, refused = true;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (under_test.mallopt(known[i][0], known[i][1]) != 1) {
            tap_note("mallopt(%d, %d) is not 1", known[i][0], known[i][1]);
            accepted = false;
        }
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        if (under_test.mallopt(unknown[i], 1) != 0) {
            tap_note("mallopt(%d, 1) is not 0", unknown[i]);
            refused = false;
        }
    tap_ok(accepted, "mallopt returns 1 for the parameters of mallopt(3)");
    tap_ok(refused, "mallopt returns 0 for unknown parameters");
    /* The value is no reason to misbehave afterwards. */
    under_test.mallopt(M_MMAP_THRESHOLD, 0);
    under_test.mallopt(M_MMAP_MAX, 0);
    void *block = under_test.malloc(100 * MIB);
    tap_ok(block != NULL, "a large block is served after mallopt(M_MMAP_MAX, 0)");
    under_test.free(block);
}

static off_t written_by_stats(int descriptor)
{
    char name[] = "/tmp/hakmem-test.XXXXXX";
    int file = mkstemp(name), saved = dup(descriptor);
    unlink(name);
    dup2(file, descriptor);
    under_test.stats();
    fflush(NULL);
    off_t written = lseek(file, 0, SEEK_END);
    dup2(saved, descriptor);
    close(saved);
    close(file);
    return written;
}

static void test_stats(void)
{
    tap_ok(written_by_stats(STDERR_FILENO) > 0, "malloc_stats prints on stderr");
    int null = open("/dev/null", O_WRONLY), saved = dup(STDERR_FILENO);
    dup2(null, STDERR_FILENO);
    off_t on_stdout = written_by_stats(STDOUT_FILENO);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(null);
    tap_ok(on_stdout == 0, "malloc_stats prints nothing on stdout");
}

static atomic_int calls_that_came_back;

/* A cancellation is pending, and the stream writes each line at once. */
static void *call_while_cancelled(void *stream)
{
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    pthread_cancel(pthread_self());
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    under_test.stats();
    atomic_fetch_add(&calls_that_came_back, 1);
    if (under_test.info(0, stream) == 0)
        atomic_fetch_add(&calls_that_came_back, 1);
    pthread_testcancel();
    return stream;
}

/* The C library's malloc_info is a cancellation point: its own may be cut off. */
static void test_cancellation(void)
{
    FILE *file = tmpfile();
    static char text[1 << 16];
    pthread_t thread;
    void *result = NULL;
    if (!allocator_is_hakmem()) {
        tap_skip("malloc_info of the C library may be cancelled");
        return;
    }
    setvbuf(file, NULL, _IOLBF, 0);
    int null = open("/dev/null", O_WRONLY), saved = dup(STDERR_FILENO);
    dup2(null, STDERR_FILENO);
    pthread_create(&thread, NULL, call_while_cancelled, file);
    pthread_join(thread, &result);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(null);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    tap_ok(calls_that_came_back == 2 && xml_well_formed(text),
           "malloc_stats and malloc_info are no cancellation points (%d of 2 came back)", calls_that_came_back);
    tap_ok(result == PTHREAD_CANCELED, "  and leave the cancellation pending");
}

int main(int argc, char **argv)
{
    const char *prefix = argc > 1 ? argv[1] : "", *missing = allocator_load(prefix);
    if (missing) {
        tap_ok(false, "%s%s exists", prefix, missing);
        return tap_done();
    }
    test_use_follows_blocks();
    test_figures_fit_together();
    test_mallinfo(prefix);
    test_checker();
    test_info();
    test_trim();
    test_trim_gives_back();
    test_mallopt();
    test_stats();
    test_cancellation();
    return tap_done();
}
