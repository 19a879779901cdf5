/* SPDX-License-Identifier: MIT */
/* Who can have huge pages. Below: os, the profile. */
#ifndef HAK_SPACE_HUGE_H
#define HAK_SPACE_HUGE_H

#include "lib/base/os.h"
#include "lib/profile/active.h"

/* Whether a large block of BYTES is to have them: where it holds two, since one may be lost at its ends. */
static inline bool huge_pages_for_large(size_t bytes)
{
    size_t huge = os_huge_page_bytes();
    return HAK_PROFILE(pages_huge) != HAK_HUGE_NEVER && huge != 0 && bytes >= 2 * huge;
}

/* Whether a SuperSlab has room for one. */
static inline bool huge_pages_for_superslabs(void)
{
    size_t huge = os_huge_page_bytes();
    return huge != 0 && HAK_PROFILE(superslab_size) >= huge;
}

#endif
