/* SPDX-License-Identifier: MIT */
/* The mapping cache at random against a naive model: the mappings in the order of their coming. */
#include "tests/space/mapping_cache.h"

#define MODEL_MOST 64

static struct {
    char *base;
    size_t bytes, whole; /* now, and before it was cut */
} model[MODEL_MOST];
static size_t model_count;

static void model_remove(size_t at)
{
    model_count--;
    memmove(&model[at], &model[at + 1], (model_count - at) * sizeof model[0]);
}

static uint64_t model_bytes(void)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < model_count; i++)
        bytes += model[i].bytes;
    return bytes;
}

static void random_add(uint32_t *seed)
{
    size_t bytes = (1 + random_next(seed) % 100) * MIB;
    model[model_count].base = add(bytes);
    model[model_count].bytes = model[model_count].whole = bytes;
    model_count++;
}

static void random_take(uint32_t *seed)
{
    size_t bytes = (1 + random_next(seed) % 100) * MIB, best = model_count;
    for (size_t i = 0; i < model_count; i++)
        if (model[i].whole >= bytes && 4 * (model[i].whole - bytes) <= model[i].whole &&
            (best == model_count || model[i].whole < model[best].whole))
            best = i;
    char *base = take(bytes, PAGE_BYTES);
    if (best == model_count) {
        assert_null(base);
        return;
    }
    assert_ptr_equal(base, model[best].base);
    assert_int_equal(last_taken_bytes, model[best].bytes);
    model_remove(best);
}

/* The oldest go, but the last of them loses its end alone where that is enough. */
static void random_release(uint32_t *seed)
{
    uint64_t asked = (1 + random_next(seed) % 400) * MIB / 4, expected = 0;
    while (model_count != 0 && expected < asked) {
        size_t more = asked - expected, cut = model[0].whole - model[0].bytes;
        if (cut + more <= model[0].whole / 8 && cut + more <= 16 * MIB) {
            model[0].bytes -= round_up(more, PAGE_BYTES);
            expected += round_up(more, PAGE_BYTES);
        } else {
            expected += model[0].bytes;
            model_remove(0);
        }
    }
    assert_int_equal(mapping_cache_release(&cache, asked), expected);
}

static void as_the_model_says(void **state)
{
    (void)state;
    for (uint32_t seed = 1, i = 0; i < 3000; i++) {
        uint32_t kind = random_next(&seed) % 8;
        if (kind < 4 && model_count < MODEL_MOST)
            random_add(&seed);
        else if (kind < 7)
            random_take(&seed);
        else
            random_release(&seed);
        check_bytes(model_bytes());
        if (random_next(&seed) % 4 == 0)
            unmap_dropped();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(as_the_model_says, setup, teardown)};
    return cmocka_run_group_tests(tests, start_os, NULL);
}
