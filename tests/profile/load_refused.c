/* SPDX-License-Identifier: MIT */
/* Every way in which a profile is refused: the exact line that the user reads, with its place, and that nothing is
 * written. */
#include "config.h"

#include "lib/profile/load.h"
#include "tests/profile/cmocka_all.h"

#define V "profile_version: 1\n"
#define UNTOUCHED 0x5a

struct refusal {
    const char *text;
    const char *message;
};

/* Loads TEXT, which must fail, and checks that the profile was left alone. */
static void expect_refusal_of(const char *text, size_t length, const char *expected)
{
    struct hak_profile profile, before;
    char message[HAK_PROFILE_MESSAGE_SIZE] = "";
    memset(&before, UNTOUCHED, sizeof before);
    profile = before;
    if (hak_profile_load_text(&profile, "p.yaml", text, length, message, sizeof message))
        fail_msg("was taken: %s", text);
    assert_string_equal(message, expected);
    assert_memory_equal(&profile, &before, sizeof before);
}

static void expect_refusals(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_refusal_of(refusals[i].text, strlen(refusals[i].text), refusals[i].message);
}

#define EXPECT_REFUSALS(...)                                             \
    do {                                                                 \
        static const struct refusal refusals[] = {__VA_ARGS__};          \
        expect_refusals(refusals, sizeof refusals / sizeof refusals[0]); \
    } while (0)

static void values(void **state)
{
    (void)state;
    EXPECT_REFUSALS(
        {V "superslab: {size: 3MiB}", "p.yaml:2:19: superslab.size: 3MiB is not a power of two (256KiB to 64MiB)"},
        {V "superslab:\n  size: 3145728\n",
         "p.yaml:3:9: superslab.size: 3145728 is not a power of two (256KiB to 64MiB)"},
        {V "superslab: {size: 128KiB}",
         "p.yaml:2:19: superslab.size: 128KiB is out of range (256KiB to 64MiB, powers of two)"},
        {V "superslab: {size: 99999999999999999999}",
         "p.yaml:2:19: superslab.size: 99999999999999999999 is out of range (256KiB to 64MiB)"},
        {V "superslab: {size: 2 MB}", "p.yaml:2:19: superslab.size: \"2 MB\" has the unknown unit \" MB\" (KiB, MiB or "
                                      "GiB right after the number, or none for bytes)"},
        {V "superslab: {size: 2M}", "p.yaml:2:19: superslab.size: \"2M\" has the unknown unit \"M\" (KiB, MiB or GiB "
                                    "right after the number, or none for bytes)"},
        {V "superslab: {size: big}", "p.yaml:2:19: superslab.size: \"big\" is not a size (256KiB to 64MiB)"},
        {V "superslab: {size: -1}", "p.yaml:2:19: superslab.size: \"-1\" is not a size (256KiB to 64MiB)"},
        {V "superslab: {size: }", "p.yaml:2:19: superslab.size: the value is missing"},
        {V "superslab:\n  size:\n  keep_empty: 1", "p.yaml:3:8: superslab.size: the value is missing"},
        {V "superslab: {keep_empty: 65}", "p.yaml:2:25: superslab.keep_empty: 65 is out of range (0 to 64)"},
        {V "superslab: {keep_empty: 010}",
         "p.yaml:2:25: superslab.keep_empty: \"010\" is not a whole number (0 to 64)"},
        {V "superslab: {keep_empty: 1KiB}",
         "p.yaml:2:25: superslab.keep_empty: \"1KiB\" has the unknown unit \"KiB\" (none is taken here)"},
        {V "superslab: {keep_empty: never}",
         "p.yaml:2:25: superslab.keep_empty: \"never\" is not a whole number (0 to 64)"},
        {V "pages: {slab_page: 2MiB}",
         "p.yaml:2:20: pages.slab_page: 2MiB is out of range (64KiB to 1MiB, powers of two)"},
        {V "pages: {huge: no}",
         "p.yaml:2:15: pages.huge: \"no\" is not one of never, madvise, always, hugetlb, auto, large"},
        {V "pages: {huge: Never}",
         "p.yaml:2:15: pages.huge: \"Never\" is not one of never, madvise, always, hugetlb, auto, large"},
        {V "pages: {prefault: all}", "p.yaml:2:19: pages.prefault: \"all\" is not one of none, slab, superslab, dense"},
        {V "size_classes: {spacing: 3}", "p.yaml:2:25: size_classes.spacing: 3 is not a power of two (1 to 8)"},
        {V "size_classes: {long_spacing: 16}",
         "p.yaml:2:30: size_classes.long_spacing: 16 is out of range (1 to 8, powers of two)"},
        {V "heap: {shared: 64}", "p.yaml:2:16: heap.shared: \"64\" is not one of none, lines, long, all"},
        {V "thread_cache: {max_objects: 3}", "p.yaml:2:29: thread_cache.max_objects: 3 is out of range (4 to 4096)"},
        {V "thread_cache: {max_bytes: 8MiB}",
         "p.yaml:2:27: thread_cache.max_bytes: 8MiB is out of range (4KiB to 4MiB)"},
        {V "thread_cache: {growth: 3}", "p.yaml:2:24: thread_cache.growth: 3 is not a power of two (1 to 32)"},
        {V "thread_cache: {growth: 64}",
         "p.yaml:2:24: thread_cache.growth: 64 is out of range (1 to 32, powers of two)"},
        {V "thread_cache: {refill: 50}",
         "p.yaml:2:24: thread_cache.refill: \"50\" has no unit (% right after the number)"},
        {V "thread_cache: {refill: 0%}", "p.yaml:2:24: thread_cache.refill: 0% is out of range (1% to 100%)"},
        {V "thread_cache: {refill: half}",
         "p.yaml:2:24: thread_cache.refill: \"half\" is not a percentage (1% to 100%)"},
        {V "thread_cache: {drain_threshold: 24%}",
         "p.yaml:2:33: thread_cache.drain_threshold: 24% is out of range (25% to 100%)"},
        {V "thread_cache: {drain_batch: 101%}",
         "p.yaml:2:29: thread_cache.drain_batch: 101% is out of range (1% to 100%)"},
        {V "thread_cache: {keep: 65}", "p.yaml:2:22: thread_cache.keep: 65 is out of range (0 to 64)"},
        {V "thread_cache: {total: 65GiB}", "p.yaml:2:23: thread_cache.total: 65GiB is out of range (0 to 64GiB)"},
        {V "remote_free: {drain_threshold: 0}",
         "p.yaml:2:32: remote_free.drain_threshold: 0 is out of range (1 to 1024)"},
        {V "large: {cache: 5GiB}", "p.yaml:2:16: large.cache: 5GiB is out of range (0 to 4GiB)"},
        {V "purge: {delay: 100}", "p.yaml:2:16: purge.delay: \"100\" has no unit (ms or s right after the number)"},
        {V "purge: {delay: 1h}",
         "p.yaml:2:16: purge.delay: \"1h\" has the unknown unit \"h\" (ms or s right after the number)"},
        {V "purge: {delay: soon}", "p.yaml:2:16: purge.delay: \"soon\" is not a delay (0ms to 3600s)"},
        {V "purge: {delay: 3601s}", "p.yaml:2:16: purge.delay: 3601s is out of range (0ms to 3600s)"},
        {V "security: {guarded: 5000}",
         "p.yaml:2:21: security.guarded: \"5000\" is not 1/ and a whole number, nor 0 (0 to 1/4294967296)"},
        {V "security: {guarded: 1/4294967297}",
         "p.yaml:2:21: security.guarded: 1/4294967297 is out of range (0 to 1/4294967296)"},
        {V "purge: {policy: off}", "p.yaml:2:17: purge.policy: \"off\" is not one of dontneed, free, never"},
        {V "name: ''", "p.yaml:2:7: name: 0 characters long (1 to 63 are taken)"},
        {V "name: 1234567890123456789012345678901234567890123456789012345678901234",
         "p.yaml:2:7: name: 64 characters long (1 to 63 are taken)"},
        {V "name: caf\xc3\xa9", "p.yaml:2:7: name: \"caf\xc3\xa9\" is not all printable ASCII"},
        {V "name: \"a\\tb\"", "p.yaml:2:7: name: \"a?b\" is not all printable ASCII"},
        {V "superslab: {size: \"2MiB\\0junk\"}", "p.yaml:2:19: superslab.size: holds a NUL character"},
        {V "superslab: {size: \"\\e[31m\"}", "p.yaml:2:19: superslab.size: \"?[31m\" is not a size (256KiB to 64MiB)"},
        {V "pages: {slab_page: 1MiB}\nsuperslab: {size: 1MiB}",
         "p.yaml:2:20: pages.slab_page: 1MiB is more than a quarter of superslab.size (1MiB)"}, );
}

static void security_is_looked_at(void **state)
{
    (void)state;
    EXPECT_REFUSALS(
        {V "security: {quarantine: 65MiB}", "p.yaml:2:24: security.quarantine: 65MiB is out of range (0 to 64MiB)"},
        {V "security: {quarantine: true}", "p.yaml:2:24: security.quarantine: \"true\" is not a size (0 to 64MiB)"},
        {V "security: {checks: none}", "p.yaml:2:20: security.checks: \"none\" is not one of fast, full"},
        {V "security: {randomize: yes}", "p.yaml:2:23: security.randomize: \"yes\" is neither true nor false"},
        {V "security: {randomize: on}", "p.yaml:2:23: security.randomize: \"on\" is neither true nor false"},
        {V "security: {randomize: False}", "p.yaml:2:23: security.randomize: \"False\" is neither true nor false"},
        {V "security: {randomize: ~}", "p.yaml:2:23: security.randomize: \"~\" is neither true nor false"}, );
}

static void versions(void **state)
{
    (void)state;
    EXPECT_REFUSALS(
        {"name: x\n", "p.yaml:1:1: profile_version: is missing (write profile_version: 1)"},
        {"# c\n\nname: x\n", "p.yaml:3:1: profile_version: is missing (write profile_version: 1)"},
        {"{}", "p.yaml:1:1: profile_version: is missing (write profile_version: 1)"},
        {"profile_version: 2\n", "p.yaml:1:18: profile_version: 2 is not supported (only 1)"},
        {"profile_version: 1.0\n",
         "p.yaml:1:18: profile_version: \"1.0\" has the unknown unit \".0\" (none is taken here)"},
        {"profile_version: one\n", "p.yaml:1:18: profile_version: \"one\" is not a whole number (1 to 1)"}, );
}

static void keys(void **state)
{
    (void)state;
    EXPECT_REFUSALS(
        {V "superslab: {sise: 2MiB}", "p.yaml:2:13: superslab.sise: unknown key (did you mean superslab.size?)"},
        {V "superslab: {szie: 2MiB}", "p.yaml:2:13: superslab.szie: unknown key (did you mean superslab.size?)"},
        {V "superslabs: {size: 2MiB}", "p.yaml:2:1: superslabs: unknown key (did you mean superslab?)"},
        {V "thread-cache: {refill: 50%}", "p.yaml:2:1: thread-cache: unknown key (did you mean thread_cache?)"},
        {V "huge: never", "p.yaml:2:1: huge: unknown key (did you mean pages.huge?)"},
        {V "superslab: {huge: never}", "p.yaml:2:13: superslab.huge: unknown key (did you mean pages.huge?)"},
        {V "superslab.size: 2MiB", "p.yaml:2:1: superslab.size: unknown key (write it as superslab: {size: ...})"},
        {V "superslab: {superslab.size: 2MiB}",
         "p.yaml:2:13: superslab.superslab.size: unknown key (did you mean superslab.size?)"},
        {V "colour: red", "p.yaml:2:1: colour: unknown key (hakmem-tune params lists all)"},
        {V "<<: {a: b}", "p.yaml:2:1: <<: unknown key (hakmem-tune params lists all)"},
        {V "'': 1", "p.yaml:2:1: \"\": unknown key (hakmem-tune params lists all)"},
        {V "thread_cache: {max_objects: 4, max_objects: 8}",
         "p.yaml:2:32: thread_cache.max_objects: is there twice (first at line 2)"},
        {V "purge: {delay: 1s}\npurge: {policy: free}", "p.yaml:3:1: purge: is there twice (first at line 2)"},
        {V "name: a\nname: a", "p.yaml:3:1: name: is there twice (first at line 2)"},
        {V "? [a]\n: b", "p.yaml:2:3: a list stands where a key is expected"},
        {V "purge: {{a: b}: c}", "p.yaml:2:9: purge: a mapping stands where a key is expected"},
        {V "\"na\\0me\": x", "p.yaml:2:1: holds a NUL character"}, );
}

static void kinds(void **state)
{
    (void)state;
    EXPECT_REFUSALS(
        {V "superslab: {size: [2MiB]}", "p.yaml:2:19: superslab.size: a list stands where one value is expected"},
        {V "superslab: {size: {a: b}}", "p.yaml:2:19: superslab.size: a mapping stands where one value is expected"},
        {V "name: [a]", "p.yaml:2:7: name: a list stands where one value is expected"},
        {V "superslab: 2MiB",
         "p.yaml:2:12: superslab: keys with values are expected here, as in superslab: {size: ...}"},
        {V "superslab:\n", "p.yaml:2:11: superslab: keys with values are expected here, as in superslab: {size: ...}"},
        {V "superslab: [size]",
         "p.yaml:2:12: superslab: keys with values are expected here, as in superslab: {size: ...}"},
        {V "size_classes: {sizes: 16}", "p.yaml:2:23: size_classes.sizes: a list is expected, as in [16, 32, 48]"},
        {V "size_classes: {sizes: [[16]]}",
         "p.yaml:2:24: size_classes.sizes: a list stands where one value is expected"},
        {"just words", "p.yaml:1:1: keys with values are expected, as in profile_version: 1"},
        {"[profile_version, 1]", "p.yaml:1:1: keys with values are expected, as in profile_version: 1"},
        {"- profile_version: 1", "p.yaml:1:1: keys with values are expected, as in profile_version: 1"},
        {"", "p.yaml: holds no profile (one starts with profile_version: 1)"},
        {"# nothing but a comment\n", "p.yaml: holds no profile (one starts with profile_version: 1)"},
        {"---\n", "p.yaml: holds no profile (one starts with profile_version: 1)"}, );
}

static void class_maps(void **state)
{
    (void)state;
#define TO_4096 "16, 32, 64, 128, 256, 512, 1024, 2048, 4096"
    EXPECT_REFUSALS(
        {V "size_classes: {sizes: []}", "p.yaml:2:23: size_classes.sizes: the list is empty"},
        {V "size_classes:\n  sizes: [32, 64]",
         "p.yaml:3:11: size_classes.sizes: the first size is 32 (16 is expected)"},
        {V "size_classes:\n  sizes: [16,\n    32, 64, 48]",
         "p.yaml:4:13: size_classes.sizes: 48 comes after 64 (the sizes must ascend)"},
        {V "size_classes:\n  sizes:\n  - 16\n  - 32\n  - 32",
         "p.yaml:6:5: size_classes.sizes: 32 comes after 32 (the sizes must ascend)"},
        {V "size_classes: {sizes: [16, 40]}", "p.yaml:2:28: size_classes.sizes: 40 is not a multiple of 16"},
        {V "size_classes: {sizes: [16, 32, 80]}",
         "p.yaml:2:32: size_classes.sizes: 64 is missing (alignments need every power of two from 16 to 4096)"},
        {V "size_classes: {sizes: [" TO_4096 ", 8192]}",
         "p.yaml:2:69: size_classes.sizes: the last size is 8192 (32768 is expected)"},
        {V "size_classes: {sizes: [" TO_4096 ", 64KiB]}",
         "p.yaml:2:69: size_classes.sizes: 64KiB is out of range (16 to 32KiB)"},
        {V "size_classes: {sizes: [16, 0]}", "p.yaml:2:28: size_classes.sizes: 0 is out of range (16 to 32KiB)"},
        {V "size_classes: {sizes: [16, x]}", "p.yaml:2:28: size_classes.sizes: \"x\" is not a size (16 to 32KiB)"},
        {V "size_classes: {spacing: 4, sizes: [" TO_4096 ", 32768]}",
         "p.yaml:2:28: size_classes: spacing and sizes exclude each other"},
        {V "size_classes:\n  sizes: [" TO_4096 ", 32768]\n  spacing: 4",
         "p.yaml:4:3: size_classes: spacing and sizes exclude each other"},
        {V "size_classes:\n  long_spacing: 4\n  sizes: [" TO_4096 ", 32768]\n  spacing: 4",
         "p.yaml:5:3: size_classes: spacing and sizes exclude each other"}, );
}

static void too_many_classes(void **state)
{
    (void)state;
    char text[4096];
    int used = snprintf(text, sizeof text, V "size_classes: {sizes: [\n");
    for (int i = 1; i <= 121; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%d,\n", i * 16);
    used += snprintf(text + used, sizeof text - (size_t)used, "]}");
    expect_refusal_of(text, (size_t)used, "p.yaml:123:1: size_classes.sizes: more than 120 sizes");
}

static void yaml_that_profiles_do_not_use(void **state)
{
    (void)state;
    EXPECT_REFUSALS({V "name: &a x", "p.yaml:2:7: YAML anchors are not taken"},
                    {V "superslab: &a {size: 2MiB}", "p.yaml:2:12: YAML anchors are not taken"},
                    {V "size_classes: {sizes: &a [16]}", "p.yaml:2:23: YAML anchors are not taken"},
                    {V "name: *a", "p.yaml:2:7: YAML aliases are not taken"},
                    {V "name: !!str x", "p.yaml:2:7: YAML tags are not taken"},
                    {V "superslab: !!map {size: 2MiB}", "p.yaml:2:12: YAML tags are not taken"},
                    {V "---\nname: x", "p.yaml:2:1: a second YAML document (a profile is one)"},
                    {V "...\n---\nname: x", "p.yaml:3:1: a second YAML document (a profile is one)"}, );
}

static void broken_yaml(void **state)
{
    (void)state;
    EXPECT_REFUSALS(
        {V "superslab: {size: 2MiB", "p.yaml:3:1: YAML: did not find expected ',' or '}' while parsing a flow mapping"},
        {V "name: 'abc", "p.yaml:2:11: YAML: found unexpected end of stream while scanning a quoted scalar"},
        {V "superslab:\n  size: 2MiB\n keep_empty: 1",
         "p.yaml:4:2: YAML: did not find expected key while parsing a block mapping"},
        {V "superslab:\n\tsize: 2MiB",
         "p.yaml:3:1: YAML: found character that cannot start any token while scanning for the next token"},
        {V "name", "p.yaml:3:1: YAML: could not find expected ':' while scanning a simple key"},
        {V "name: \"\\q\"", "p.yaml:2:8: YAML: found unknown escape character while parsing a quoted scalar"}, );
}

static void characters(void **state)
{
    (void)state;
    static const char nul[] = V "name: a\0b";
    expect_refusal_of(nul, sizeof nul - 1, "p.yaml:2:8: a NUL character (text is expected)");
    EXPECT_REFUSALS({V "name: \xff", "p.yaml:2:7: not UTF-8 text (byte 0xff)"},
                    {V "# caf\xc3\xa9 \xe9\n", "p.yaml:2:8: not UTF-8 text (byte 0xe9)"},
                    {V "name: \xc3", "p.yaml:2:7: not UTF-8 text (byte 0xc3)"},
                    {V "# \x01\n", "p.yaml:2:3: YAML: control characters are not allowed"}, );
}

static void length_is_limited(void **state)
{
    (void)state;
    static char text[HAK_PROFILE_TEXT_MAX + 1];
    memset(text, '\n', sizeof text);
    expect_refusal_of(text, sizeof text, "p.yaml: 65537 bytes long (a profile has at most 65536)");
    memset(text, '[', sizeof text);
    memcpy(text, "a: ", 3);
    expect_refusal_of(text, HAK_PROFILE_TEXT_MAX, "p.yaml:1:1: a: unknown key (hakmem-tune params lists all)");
    memcpy(text, "size_classes: {sizes: ", 22);
    expect_refusal_of(text, HAK_PROFILE_TEXT_MAX,
                      "p.yaml:1:24: size_classes.sizes: a list stands where one value is expected");
}

static void messages_are_one_line_whatever_the_input(void **state)
{
    (void)state;
    expect_refusal_of(V "name: x\n\"a\\nb\": 1", strlen(V "name: x\n\"a\\nb\": 1"),
                      "p.yaml:3:1: a?b: unknown key (hakmem-tune params lists all)");
    char label[2000], text[] = "x: 1", message[HAK_PROFILE_MESSAGE_SIZE];
    struct hak_profile profile;
    memset(label, 'd', sizeof label);
    strcpy(label + sizeof label - 8, "/p.yaml");
    assert_false(hak_profile_load_text(&profile, label, text, strlen(text), message, sizeof message));
    assert_int_equal(strncmp(message, "...ddd", 6), 0);
    assert_non_null(strstr(message, "d/p.yaml:1:1: x: unknown key"));
    assert_false(hak_profile_load_text(&profile, "p\n.yaml", text, strlen(text), message, 12));
    assert_string_equal(message, "p?.yaml:1:1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(security_is_looked_at),
        cmocka_unit_test(versions),
        cmocka_unit_test(keys),
        cmocka_unit_test(kinds),
        cmocka_unit_test(class_maps),
        cmocka_unit_test(too_many_classes),
        cmocka_unit_test(yaml_that_profiles_do_not_use),
        cmocka_unit_test(broken_yaml),
        cmocka_unit_test(characters),
        cmocka_unit_test(length_is_limited),
        cmocka_unit_test(messages_are_one_line_whatever_the_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
