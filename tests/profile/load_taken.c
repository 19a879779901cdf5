/* SPDX-License-Identifier: MIT */
/* What a profile may look like, and what is read from it. */
#include "config.h"

#include "lib/base/units.h"
#include "lib/profile/load.h"
#include "tests/profile/cmocka_all.h"

#define V "profile_version: 1\n"

static struct hak_profile load(const char *text)
{
    struct hak_profile profile;
    char message[HAK_PROFILE_MESSAGE_SIZE] = "";
    if (!hak_profile_load_text(&profile, "p.yaml", text, strlen(text), message, sizeof message))
        fail_msg("%s", message);
    return profile;
}

/* Every key but some of security's, with a value that is not the default. */
static const char all_block[] =
    "profile_version: 1\n"
    "name: ws8192-zen4\n"
    "superslab:\n  size: 4MiB\n  keep_empty: 7\n"
    "pages:\n  slab_page: 131072\n  huge: hugetlb\n  prefault: superslab\n"
    "size_classes:\n  spacing: 8\n  long_spacing: 2\n  borrow: 0%\n  borrow_limit: 1\n"
    "heap:\n  shared: lines\n"
    "thread_cache:\n  max_objects: 1024\n  max_bytes: 256KiB\n  growth: 4\n  refill: 25%\n"
    "  drain_threshold: 75%\n  drain_batch: 10%\n  keep: 64\n  total: 1GiB\n"
    "remote_free:\n  drain_threshold: 64\n"
    "large:\n  cache: 1GiB\n"
    "purge:\n  delay: 2s\n  policy: free\n"
    "security:\n  checks: full\n  zero_on_free: true\n  canaries: true\n  guard_pages: false\n  quarantine: 64KiB\n"
    "  randomize: false\n";
static const char all_flow[] =
    "{profile_version: 1, name: \"ws8192-zen4\", superslab: {size: 4MiB, keep_empty: 7},\n"
    " pages: {slab_page: '128KiB', huge: hugetlb, prefault: superslab}, size_classes: {spacing: 8, "
    "long_spacing: 2, borrow: 0%, borrow_limit: 1},\n"
    " heap: {shared: lines},\n"
    " thread_cache: {max_objects: 1024, max_bytes: 256KiB, growth: 4, refill: 25%,\n"
    " drain_threshold: 75%, drain_batch: 10%, keep: 64, total: 1GiB}, remote_free: {drain_threshold: 64}, large: "
    "{cache: 1GiB},\n"
    " purge: {delay: 2000ms, policy: free}, security: {checks: full, zero_on_free: true, canaries: true, quarantine: "
    "64KiB}}";

static void every_key_is_read(void **state)
{
    (void)state;
    struct hak_profile profile = load(all_block);
    assert_int_equal(profile.profile_version, 1);
    assert_string_equal(profile.name, "ws8192-zen4");
    assert_int_equal(profile.superslab_size, 4 * HAK_MIB);
    assert_int_equal(profile.superslab_keep_empty, 7);
    assert_int_equal(profile.pages_slab_page, 128 * HAK_KIB);
    assert_int_equal(profile.pages_huge, HAK_HUGE_HUGETLB);
    assert_int_equal(profile.pages_prefault, HAK_PREFAULT_SUPERSLAB);
    assert_int_equal(profile.size_classes_spacing, 8);
    assert_int_equal(profile.size_classes_long_spacing, 2);
    assert_int_equal(profile.size_classes_count, 0);
    assert_int_equal(profile.size_classes_borrow, 0);
    assert_int_equal(profile.size_classes_borrow_limit, 1);
    assert_int_equal(profile.heap_shared, HAK_SHARED_LINES);
    assert_int_equal(profile.thread_cache_max_objects, 1024);
    assert_int_equal(profile.thread_cache_max_bytes, 256 * HAK_KIB);
    assert_int_equal(profile.thread_cache_growth, 4);
    assert_int_equal(profile.thread_cache_refill, 25);
    assert_int_equal(profile.thread_cache_drain_threshold, 75);
    assert_int_equal(profile.thread_cache_drain_batch, 10);
    assert_int_equal(profile.thread_cache_keep, 64);
    assert_int_equal(profile.thread_cache_total, (uint64_t)1 << 30);
    assert_int_equal(profile.remote_free_drain_threshold, 64);
    assert_int_equal(profile.large_cache, HAK_GIB);
    assert_int_equal(profile.purge_delay, 2000);
    assert_int_equal(profile.purge_policy, HAK_PURGE_FREE);
    assert_int_equal(profile.security_checks, HAK_CHECKS_FULL);
    assert_int_equal(profile.security_zero_on_free, 1);
    assert_int_equal(profile.security_canaries, 1);
    assert_int_equal(profile.security_quarantine, 64 << 10);
}

static void flow_and_block_style_are_the_same(void **state)
{
    (void)state;
    struct hak_profile block = load(all_block), flow = load(all_flow);
    assert_memory_equal(&block, &flow, sizeof block);
}

static void what_is_not_there_keeps_its_default(void **state)
{
    (void)state;
    struct hak_profile standard, profile = load(V);
    hak_profile_default(&standard);
    assert_memory_equal(&profile, &standard, sizeof profile);
    profile = load(V "pages: {huge: madvise}");
    standard.pages_huge = HAK_HUGE_MADVISE;
    assert_memory_equal(&profile, &standard, sizeof profile);
}

static void class_maps_are_read(void **state)
{
    (void)state;
    struct hak_profile profile =
        load(V "size_classes: {sizes: [16, 32, 48, 64, 128, 256, 512, 1KiB, 2KiB, 4KiB, 32KiB]}");
    assert_int_equal(profile.size_classes_count, 11);
    assert_int_equal(profile.size_classes_sizes[2], 48);
    assert_int_equal(profile.size_classes_sizes[10], 32768);
    profile = load(V "size_classes: {sizes: [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 32768], long_spacing: 1}");
    assert_int_equal(profile.size_classes_count, 10);
    assert_int_equal(profile.size_classes_long_spacing, 1);
}

static void the_edges_of_text_files_are_taken(void **state)
{
    (void)state;
    assert_string_equal(load("\xef\xbb\xbf" V "name: x").name, "x");            /* a byte order mark */
    assert_string_equal(load("profile_version: 1\r\nname: x\r\n").name, "x");   /* Windows line ends */
    assert_string_equal(load("%YAML 1.1\n---\n" V "name: x\n...\n").name, "x"); /* the marks of a document */
    assert_string_equal(load("# caf\xc3\xa9 \xf0\x9f\x98\x80\n" V "name: x # y").name, "x");
    assert_int_equal(load(V "purge: {delay: 0}").purge_delay, 0);
    assert_int_equal(load(V "security: {guarded: 0}").security_guarded, 0);
    assert_int_equal(load(V "security: {guarded: 1/5000}").security_guarded, 5000);
}

/* Words that YAML 1.1 takes for something else are themselves. */
static void words_stay_words(void **state)
{
    (void)state;
    assert_string_equal(load(V "name: no").name, "no");
    assert_string_equal(load(V "name: 1e3").name, "1e3");
    assert_string_equal(load(V "name: ~").name, "~");
    assert_string_equal(load(V "name: 'it''s: #1'").name, "it's: #1");
    assert_int_equal(load(V "pages: {huge: never}").pages_huge, HAK_HUGE_NEVER);
    assert_int_equal(load(V "purge: {policy: never}").purge_policy, HAK_PURGE_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(flow_and_block_style_are_the_same),
        cmocka_unit_test(what_is_not_there_keeps_its_default),
        cmocka_unit_test(class_maps_are_read),
        cmocka_unit_test(the_edges_of_text_files_are_taken),
        cmocka_unit_test(words_stay_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
