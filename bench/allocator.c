/* SPDX-License-Identifier: MIT */
/* Looks libhakmem's functions up among what is loaded. */
#include "config.h"

#include "bench/allocator.h"

#include <dlfcn.h>
#include <stdlib.h>

typedef bool (*stats_function)(struct hak_stats *, size_t);
typedef double (*cycles_function)(void);

/* POSIX promises that a function's address survives a void pointer (dlsym); ISO C has no cast for it, so a union says
 * the same. */
union symbol {
    void *address;
    stats_function stats;
    cycles_function cycles;
};

void allocator_read(struct allocator_report *report)
{
    union symbol symbol = {.address = dlsym(RTLD_DEFAULT, "hak_stats_get")};
    report->has_statistics = symbol.address && symbol.stats(&report->stats, sizeof(report->stats));
}

double allocator_lookup_cycles(void)
{
    union symbol symbol = {.address = dlsym(RTLD_DEFAULT, "hak_stats_lookup_cycles")};
    return symbol.address ? symbol.cycles() : -1;
}

const char *allocator_file(void)
{
    Dl_info information;
    void *address = dlsym(RTLD_DEFAULT, "malloc");
    return address && dladdr(address, &information) && information.dli_fname ? information.dli_fname : "unknown";
}
