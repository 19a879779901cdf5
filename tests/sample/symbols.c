/* SPDX-License-Identifier: MIT */
/* Names of functions, from what is mapped and from the files. */
#include "lib/sample/symbols.h"

#include "lib/base/os.h"
#include "lib/sample/elf_names.h"
#include "tests/base/child.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static struct symbols symbols;
static char text[512];

static __attribute__((noinline)) int function_of_this_file(int x)
{
    __asm__ volatile("" : "+r"(x));
    return x + 1;
}

static const char *name_of(uintptr_t address)
{
    struct writer writer = writer_start(text, sizeof text);
    symbols_describe(&symbols, address, &writer);
    return text;
}

static void begin(const uintptr_t *addresses, size_t count)
{
    os_start();
    assert_true(symbols_begin(&symbols, count));
    for (size_t i = 0; i < count; i++)
        symbols_add(&symbols, addresses[i]);
    symbols_find(&symbols);
}

static void functions_have_names(void **state)
{
    (void)state;
    uintptr_t own = (uintptr_t)function_of_this_file, libc = (uintptr_t)printf;
    begin((uintptr_t[]){libc, own + 1, 5, own, libc, own}, 6);
    assert_int_equal(symbols.count, 4); /* each once */
    assert_string_equal(name_of(own), "function_of_this_file");
    assert_string_equal(name_of(own + 1), "function_of_this_file");
    assert_non_null(strstr(name_of(libc), "printf")); /* which has other names as well */
    assert_string_equal(name_of(5), "0x5");
    symbols_end(&symbols);
}

/* What nobody has asked for has no name, but a place in its file. */
static void other_addresses_have_places(void **state)
{
    (void)state;
    uintptr_t own = (uintptr_t)function_of_this_file;
    begin(&own, 1);
    const char *place = name_of((uintptr_t)begin), *plus = strstr(place, "symbols+0x");
    assert_ptr_equal(plus, place);
    symbols_end(&symbols);
}

static int functions;

static void count_function(uint64_t start, uint64_t end, const char *name, void *context)
{
    (void)context;
    assert_true(start <= end && *name != '\0');
    functions++;
}

/* Files that are cut, or in which bytes were changed: whatever they say, nothing else is read than they. */
static void damaged_files_are_no_harm(void **state)
{
    (void)state;
    static uint8_t image[1 << 20];
    int file = open("/proc/self/exe", O_RDONLY);
    ssize_t length = read(file, image, sizeof image);
    close(file);
    assert_true(length > 1000);
    os_start();
    uint8_t *end = os_map(2 * sizeof image), *copy; /* behind it, nothing is mapped */
    os_unmap(end + sizeof image, sizeof image);
    uint32_t random = 1;
    for (int round = 0; round < 300; round++) {
        size_t kept = round % 3 == 0 ? (size_t)length : random_next(&random) % (size_t)length;
        copy = end + sizeof image - kept;
        memcpy(copy, image, kept);
        for (int i = 0; i < 40 && kept > 64; i++)
            copy[16 + random_next(&random) % (i < 20 ? 48 : kept - 16)] = (uint8_t)random_next(&random);
        elf_names_each(copy, kept, 4096, count_function, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(functions_have_names),
                                       cmocka_unit_test(other_addresses_have_places),
                                       cmocka_unit_test(damaged_files_are_no_harm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
