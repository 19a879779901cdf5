/* SPDX-License-Identifier: MIT */
/* The space of libhakmem's profiles, and its points as profiles: what the tests of the search are about. */
#ifndef TEST_PROFILE_SPACE_H
#define TEST_PROFILE_SPACE_H

#include "cli/search_space/space.h"
#include "cli/subject/hakmem.h"

static const struct machine_limits usual_machine = {.l1_data = 32768,
                                                    .l2 = 1 << 20,
                                                    .page_size = 4096,
                                                    .huge_page_size = 2 << 20,
                                                    .transparent_huge_pages_usable = true,
                                                    .hugetlb_pages_available = true};

static inline void profile_space_init(struct space *space, const struct machine_limits *machine)
{
    struct subject subject = subject_hakmem("/lib/libhakmem.so");
    space_init(space, &subject, machine);
}

static inline void profile_of_point(const struct space *space, const struct space_point *point, const char *name,
                                    struct hak_profile *profile)
{
    struct subject_values values;
    space_to_values(space, point, &values);
    hakmem_to_profile(&values, name, profile);
}

static inline struct space_point point_of_profile(const struct space *space, const struct hak_profile *profile)
{
    struct subject_values values;
    hakmem_from_profile(profile, &values);
    return space_from_values(space, &values);
}

#endif
