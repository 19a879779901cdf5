/* SPDX-License-Identifier: MIT */
#include "lib/harden/quarantine.h"

#include "lib/base/secret.h"
#include "lib/profile/active.h"
#include "lib/space/metadata.h"

uint32_t quarantine_room[SIZE_CLASSES_MAX], quarantine_begin[SIZE_CLASSES_MAX];
static uint64_t secret; /* const after quarantine_start */
static size_t bytes;    /* const after quarantine_start: of a quarantine */

void quarantine_start(void)
{
    uint32_t begin = 0;
    for (unsigned class = 0; class < size_class_count; class ++) {
        size_t blocks = HAK_PROFILE(security_quarantine) / size_classes[class].size;
        quarantine_room[class] = (uint32_t)size_minimum(blocks, QUARANTINE_MOST);
        quarantine_begin[class] = begin;
        begin += quarantine_room[class];
    }
    bytes = sizeof(struct quarantine) + begin * sizeof(void *);
    secret = secret_for(SECRET_OF_QUARANTINE);
}

struct quarantine *quarantine_new(void)
{
    struct quarantine *quarantine = metadata_new_pages(bytes);
    if (quarantine == NULL)
        return NULL;
    quarantine->random = splitmix_scatter(secret ^ (uintptr_t)quarantine);
    for (unsigned class = 0; class < size_class_count; class ++)
        quarantine->place[class] = quarantine_draw(quarantine, class);
    return quarantine;
}
