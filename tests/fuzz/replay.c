/* SPDX-License-Identifier: MIT */
/* Runs a target on the inputs that are in the tree, one after the other, each a case of its own: what was found stays
 * found. Arguments, if any, are other files. Where libFuzzer brings main, there is nothing here. */
#include "tests/fuzz/target.h"

#ifndef FUZZ_ENGINE

#include <dirent.h>
#include <sys/stat.h>

#define MOST_INPUTS 1024
#define LONGEST_INPUT ((size_t)1024 * 1024)

/* Where the inputs are. */
static const char *const folders[] = {FUZZ_FOLDERS};

static char *inputs[MOST_INPUTS]; /* paths, owned */
static size_t count;

static void add(const char *path)
{
    struct stat status;
    FUZZ_EXPECT(count < MOST_INPUTS);
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
        FUZZ_EXPECT((inputs[count++] = strdup(path)) != NULL);
}

static void add_folder(const char *folder)
{
    char path[4096];
    struct dirent **entries;
    int found = scandir(folder, &entries, NULL, alphasort);
    FUZZ_EXPECT(found > 0);
    for (int i = 0; i < found; i++) {
        FUZZ_EXPECT((size_t)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name) < sizeof path);
        add(path);
        free(entries[i]);
    }
    free(entries);
}

/* In memory of its own size, so that a sanitizer sees who reads beyond its end. */
static void run(const char *path)
{
    char *buffer = malloc(LONGEST_INPUT);
    FILE *file = fopen(path, "re");
    FUZZ_EXPECT(buffer && file);
    size_t size = fread(buffer, 1, LONGEST_INPUT, file);
    FUZZ_EXPECT(size < LONGEST_INPUT);
    fclose(file);
    uint8_t *exact = malloc(size ? size : 1);
    FUZZ_EXPECT(exact);
    memcpy(exact, buffer, size);
    free(buffer);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        add(argv[i]);
    for (size_t i = 0; argc < 2 && i < sizeof folders / sizeof *folders; i++)
        add_folder(folders[i]);
    printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++) {
        fflush(stdout);
        run(inputs[i]);
        printf("ok %zu - %s\n", i + 1, strrchr(inputs[i], '/') ? strrchr(inputs[i], '/') + 1 : inputs[i]);
        free(inputs[i]);
    }
    return 0;
}

#endif
