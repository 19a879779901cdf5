/* SPDX-License-Identifier: MIT */
/* The profile in force, as the allocator reads it.
 *
 * HAK_PROFILE(superslab_size) is the value of one field of struct hak_profile: read from hak_active_profile, or, where
 * the library was configured --with-profile=FILE, a compile-time constant. The allocator's start is the only writer,
 * before a second thread can be there and before anything depends on a value; until then the built-in default is in
 * force, so that any code may read it at any time. */
#ifndef HAK_PROFILE_ACTIVE_H
#define HAK_PROFILE_ACTIVE_H

#include "lib/profile/schema.h"

/* Hidden: the fast path reads it without a detour through the global offset table. */
#ifdef HAK_BAKED_PROFILE
#include "lib/profile/baked_profile.h"
#define HAK_PROFILE(field) HAK_BAKED_##field
extern const struct hak_profile hak_active_profile __attribute__((visibility("hidden")));
#else
#define HAK_PROFILE(field) (hak_active_profile.field)
extern struct hak_profile hak_active_profile __attribute__((visibility("hidden")));
#endif

/* Whether each malloc and each free of a small block has its slow path look at it (security). */
static inline bool hak_profile_hardens(void)
{
    return HAK_PROFILE(security_checks) == HAK_CHECKS_FULL || HAK_PROFILE(security_zero_on_free) ||
           HAK_PROFILE(security_canaries) || HAK_PROFILE(security_guard_pages) || HAK_PROFILE(security_quarantine) != 0;
}

#endif
