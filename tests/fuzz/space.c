/* SPDX-License-Identifier: MIT */
/* The description of an allocator (spaces/): what is taken has a space of settings, whose points can be set in the
 * environment of a process and saved in a file that is known again. */
#include "config.h"

#include "cli/search_space/space.h"

#include "cli/search_space/seeds.h"
#include "cli/subject/allocator.h"
#include "cli/subject/environment_file.h"
#include "tests/fuzz/target.h"

#define MOST_SEEDS 8

static const struct machine_limits machine = {
    .l1_data = 32 << 10,
    .l2 = 1 << 20,
    .l3 = 32 << 20,
    .huge_page_size = 2 << 20,
    .page_size = 4096,
    .cores = 4,
    .processing_units = 8,
    .numa_nodes = 1,
    .transparent_huge_pages_usable = true,
    .description = "a machine",
};

/* What POINT sets, as a file of variables. */
static void check_point(const struct space *space, const struct space_point *point)
{
    struct launch_environment environment = {.count = 0};
    struct subject_values values;
    char *text = NULL, shown[1024], message[512];
    size_t size;
    space_to_values(space, point, &values);
    space->subject.kind->launch(&space->subject, &values, NULL, &environment);
    space_describe(space, point, shown, sizeof shown);
    FILE *stream = open_memstream(&text, &size);
    FUZZ_EXPECT(stream);
    FUZZ_EXPECT(space->subject.kind->write(&space->subject, &values, "name", NULL, 0, stream));
    fclose(stream);
    struct fuzz_file file = fuzz_file_open(text, size);
    FUZZ_EXPECT(size == 0 || space->subject.kind->is_own(&space->subject, file.path, message, sizeof message));
    fuzz_file_close(&file);
    free(text);
    launch_clear(&environment);
}

static void check_allocator(struct allocator *allocator)
{
    static struct space space;
    struct space_point points[MOST_SEEDS];
    struct subject subject = subject_allocator(allocator, "/usr/lib/lib.so");
    space_init(&space, &subject, &machine);
    struct space_point point = space_default(&space);
    check_point(&space, &point);
    for (size_t i = 0; i < space.count; i++)
        point.level[i] = (uint8_t)(space.dimension[i].count - 1);
    space_repair(&space, &point);
    check_point(&space, &point);
    for (int memory = 0; memory < 2; memory++) {
        size_t count = space_seeds(&space, memory == 1, points, MOST_SEEDS);
        for (size_t i = 0; i < count; i++)
            check_point(&space, &points[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct allocator allocator;
    struct fuzz_file file = fuzz_file_open(data, size);
    char message[1024] = "";
    if (allocator_load(&allocator, file.path, message, sizeof message)) {
        check_allocator(&allocator);
        allocator_limit_to(&allocator, "5.3.0");
        check_allocator(&allocator);
        allocator_free(&allocator);
    } else {
        FUZZ_EXPECT(fuzz_is_line(message));
    }
    fuzz_file_close(&file);
    return 0;
}
