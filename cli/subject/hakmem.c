/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See hakmem.h. */
#include "config.h"

#include "cli/subject/hakmem.h"

#include "cli/subject/hakmem_seeds.h"
#include "lib/profile/load.h"
#include "lib/profile/write.h"

#include <string.h>

/* A pointer stack holds pointers; one that fills the first-level cache drives out what it is there for. */
#define STACK_ENTRY_BYTES 8

static bool is_key(const struct hak_parameter *row, const char *key)
{
    return strcmp(row->key, key) == 0;
}

/* --- profiles ----------------------------------------------------------------------------------------------------- */

static bool is_number(const struct hak_parameter *row)
{
    return row->type != HAK_TYPE_NAME && row->type != HAK_TYPE_SIZE_LIST;
}

void hakmem_to_profile(const struct subject_values *values, const char *name, struct hak_profile *profile)
{
    hak_profile_default(profile);
    snprintf(profile->name, sizeof profile->name, "%s", name);
    for (size_t i = 0; i < hak_parameter_count; i++) {
        if (is_number(&hak_parameters[i]))
            hak_parameter_set(&hak_parameters[i], profile, values->value[i]);
    }
}

void hakmem_from_profile(const struct hak_profile *profile, struct subject_values *values)
{
    memset(values, 0, sizeof *values);
    for (size_t i = 0; i < hak_parameter_count; i++) {
        if (is_number(&hak_parameters[i]))
            values->value[i] = hak_parameter_get(&hak_parameters[i], profile);
    }
}

/* --- what the machine rules out ----------------------------------------------------------------------------------- */

static uint64_t maximum(const struct hak_parameter *row, const struct machine_limits *machine)
{
    uint64_t limit = row->maximum;
    if (is_key(row, "thread_cache.max_objects") && machine->l1_data)
        limit = machine->l1_data / STACK_ENTRY_BYTES;
    else if (is_key(row, "thread_cache.max_bytes") && machine->l2)
        limit = machine->l2 > HAKMEM_LEAST_CACHE_BYTES ? machine->l2 : HAKMEM_LEAST_CACHE_BYTES;
    if (limit < row->standard)
        limit = row->standard;
    return limit < row->maximum ? limit : row->maximum;
}

static bool has_choice(const struct hak_parameter *row, uint64_t choice, const struct machine_limits *machine)
{
    if (!is_key(row, "pages.huge"))
        return true;
    switch (choice) {
    case HAK_HUGE_NEVER: /* without any, large and never are the same */
    case HAK_HUGE_MADVISE:
    case HAK_HUGE_ALWAYS:
    case HAK_HUGE_AUTO:
    case HAK_HUGE_LARGE:
        return machine->transparent_huge_pages_usable && machine->huge_page_size > 0;
    case HAK_HUGE_HUGETLB:
        return machine->hugetlb_pages_available;
    default:
        return true;
    }
}

/* --- values that go together -------------------------------------------------------------------------------------- */

/* SuperSlabs that are to be huge hold a huge page. */
static void adjust(struct subject_values *values, const struct machine_limits *machine)
{
    struct hak_profile profile;
    hakmem_to_profile(values, "candidate", &profile);
    bool is_huge = profile.pages_huge != HAK_HUGE_NEVER && profile.pages_huge != HAK_HUGE_LARGE &&
                   profile.pages_huge != HAK_HUGE_AUTO;
    if (!is_huge || profile.superslab_size >= machine->huge_page_size)
        return;
    profile.superslab_size = machine->huge_page_size;
    hakmem_from_profile(&profile, values);
}

static bool check(const struct subject_values *values, struct subject_offence *offence)
{
    struct hak_profile profile;
    struct hak_profile_offence found = {0};
    char message[HAK_PROFILE_MESSAGE_SIZE];
    hakmem_to_profile(values, "candidate", &profile);
    if (hak_profile_check_offence(&profile, &found, message, sizeof message))
        return true;
    *offence = (struct subject_offence){found.row, found.other};
    return false;
}

static bool seed(const struct subject *subject, const struct machine_limits *machine, bool low_memory, size_t index,
                 struct subject_values *values)
{
    (void)subject;
    struct hak_profile profile;
    hak_profile_default(&profile);
    if (!hakmem_seed(machine, low_memory, index, &profile))
        return false;
    hakmem_from_profile(&profile, values);
    return true;
}

/* --- processes and files ------------------------------------------------------------------------------------------ */

void hakmem_set_profile(struct launch_environment *environment, const char *path)
{
    launch_set(environment, "HAKMEM_PROFILE", path);
    launch_set(environment, "HAKMEM_PROFILE_STRICT", "1"); /* a bad one is not measured as the default */
}

static void launch(const struct subject *subject, const struct subject_values *values, const char *file,
                   struct launch_environment *environment)
{
    (void)subject;
    (void)values;
    hakmem_set_profile(environment, file);
}

static bool write_profile(const struct subject *subject, const struct subject_values *values, const char *name,
                          const char *const *comments, size_t count, FILE *stream)
{
    (void)subject;
    struct hak_profile profile;
    hakmem_to_profile(values, name, &profile);
    return hak_profile_write(stream, &profile, comments, count);
}

static bool is_own(const struct subject *subject, const char *path, char *message, size_t size)
{
    (void)subject;
    struct hak_profile profile;
    return hak_profile_load_file(&profile, path, message, size);
}

static const struct subject_kind kind = {
    .suffix = ".yaml",
    .maximum = maximum,
    .has_choice = has_choice,
    .adjust = adjust,
    .check = check,
    .seed = seed,
    .launch = launch,
    .write = write_profile,
    .is_own = is_own,
};

struct subject subject_hakmem(const char *library)
{
    return (struct subject){.kind = &kind,
                            .name = "hakmem",
                            .description = "libhakmem",
                            .baseline = "default profile",
                            .library = library,
                            .rows = hak_parameters,
                            .count = hak_parameter_count};
}
