/* SPDX-License-Identifier: MIT */
#include "lib/space/large_quarantine.h"

#include "lib/base/os.h"
#include "lib/base/os_bar.h"
#include "lib/base/secret.h"
#include "lib/base/splitmix.h"
#include "lib/profile/active.h"

/* All below: under the lock of large.c. */
static struct waiting {
    char *base;
    size_t bytes;
} waiting[LARGE_QUARANTINE_MOST];
static uint32_t count;
static uint64_t waiting_bytes;
static uint64_t draws; /* state; 0 before the first */

/* The last one takes the place of the one that goes. */
static void end_wait(uint32_t place)
{
    waiting_bytes -= waiting[place].bytes;
    os_unmap(waiting[place].base, waiting[place].bytes);
    waiting[place] = waiting[--count];
}

static uint32_t draw(void)
{
    if (draws == 0)
        draws = secret_for(SECRET_OF_LARGE_QUARANTINE) | 1;
    return splitmix_below(&draws, count);
}

bool large_quarantine_add(char *base, size_t bytes)
{
    uint64_t most = HAK_PROFILE(security_quarantine) * LARGE_QUARANTINE_SHARE;
    if (bytes > most || !os_bar(base, bytes))
        return false;
    while (count == LARGE_QUARANTINE_MOST || waiting_bytes + bytes > most)
        end_wait(draw());
    waiting[count++] = (struct waiting){base, bytes};
    waiting_bytes += bytes;
    return true;
}

bool large_quarantine_end(void)
{
    bool some = count != 0;
    while (count != 0)
        end_wait(count - 1);
    return some;
}
