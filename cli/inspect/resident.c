/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See resident.h. */
#include "config.h"

#include "cli/inspect/resident.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KIB 1024

/* A line of smaps_rollup: "AnonHugePages:      2048 kB". */
static void take_line(struct resident *resident, const char *line)
{
    const struct {
        const char *name;
        uint64_t *bytes;
    } wanted[] = {
        {"Rss:", &resident->resident_bytes},
        {"AnonHugePages:", &resident->huge_page_bytes},
        {"LazyFree:", &resident->lazily_freed_bytes},
        {"Swap:", &resident->swapped_bytes},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        size_t length = strlen(wanted[i].name);
        uint64_t number;
        if (strncmp(line, wanted[i].name, length) == 0 && sscanf(line + length, "%" SCNu64, &number) == 1) {
            *wanted[i].bytes = number * KIB;
            resident->known = true;
        }
    }
}

struct resident resident_read(pid_t pid)
{
    struct resident resident = {.known = false};
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        take_line(&resident, line);
    if (file)
        fclose(file);
    return resident;
}
