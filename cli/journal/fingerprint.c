/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See fingerprint.h. */
#include "config.h"

#include "cli/journal/fingerprint.h"

#include "cli/journal/hash.h"
#include "cli/locate/bench.h"
#include "cli/locate/program.h"
#include "cli/machine/kernel_memory.h"
#include "cli/output/input_file.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>

static json_t *file_fingerprint(const char *path)
{
    static unsigned char buffer[1 << 16];
    uint64_t hash = HASH_START, size = 0;
    size_t length;
    FILE *file = input_file_open(path);
    if (!file)
        return json_text(path);
    while ((length = fread(buffer, 1, sizeof buffer, file)) > 0) {
        hash = hash_bytes(hash, buffer, length);
        size += length;
    }
    fclose(file);
    char *text = must_format("%s, %" PRIu64 " bytes, %016" PRIx64, path, size, hash);
    json_t *value = json_text(text);
    free(text);
    return value;
}

static json_t *program_fingerprint(const struct workload *work)
{
    char name[PATH_MAX];
    const struct workload_kind *kind = workload_kind(work);
    kind->name(work, name, sizeof name);
    char *path = kind->is_ours ? bench_find() : program_find(name);
    json_t *value = path ? file_fingerprint(path) : json_text(name);
    free(path);
    return value;
}

static json_t *kernel_fingerprint(void)
{
    struct utsname kernel;
    if (uname(&kernel) != 0)
        return json_null();
    char *text = must_format("%s %s %s", kernel.sysname, kernel.release, kernel.version);
    json_t *value = json_text(text);
    free(text);
    return value;
}

/* "madvise, defrag: madvise, 2097152: 64": how many pages of each size are set aside. */
static json_t *huge_pages_fingerprint(const struct kernel_memory *kernel)
{
    char text[256];
    size_t used =
        (size_t)snprintf(text, sizeof text, "%s, defrag: %s", kernel->transparent[0] ? kernel->transparent : "none",
                         kernel->transparent_defrag[0] ? kernel->transparent_defrag : "none");
    for (size_t i = 0; i < kernel->pool_count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ", %" PRIu64 ": %" PRIu64, kernel->pools[i].page_size,
                                 kernel->pools[i].total);
    return json_string(text);
}

static json_t *limit(uint64_t value, bool limited)
{
    return limited ? json_integer((json_int_t)value) : json_null();
}

static json_t *resource_limit(__rlimit_resource_t resource)
{
    struct rlimit set;
    return getrlimit(resource, &set) == 0 ? limit(set.rlim_cur, set.rlim_cur != RLIM_INFINITY) : json_null();
}

json_t *fingerprint_make(const char *library, const struct workload *work)
{
    struct kernel_memory kernel;
    const char *preload = getenv("LD_PRELOAD");
    json_t *object = json_object();
    kernel_memory_read(&kernel, "");
    json_object_set_new(object, "library", library ? file_fingerprint(library) : json_null());
    json_object_set_new(object, "program", program_fingerprint(work));
    json_object_set_new(object, "preload", preload && *preload ? json_text(preload) : json_null());
    json_object_set_new(object, "kernel", kernel_fingerprint());
    json_object_set_new(object, "huge_pages", huge_pages_fingerprint(&kernel));
    json_object_set_new(object, "memory_limit", limit(kernel.memory_limit, kernel.memory_limit > 0));
    json_object_set_new(object, "processors", json_real_or_null(kernel.cpu_quota > 0, kernel.cpu_quota));
    json_object_set_new(object, "address_space_limit", resource_limit(RLIMIT_AS));
    json_object_set_new(object, "data_limit", resource_limit(RLIMIT_DATA));
    json_object_set_new(object, "locked_memory_limit", resource_limit(RLIMIT_MEMLOCK));
    return object;
}
