/* SPDX-License-Identifier: MIT */
/* The quarantine of large blocks (security.quarantine): the addresses of a large block that was freed stay reserved for
 * a while, without memory and without access, so that whoever still uses it gets a SIGSEGV and meets no other block
 * there. So many mappings wait: LARGE_QUARANTINE_MOST, of LARGE_QUARANTINE_SHARE times security.quarantine addresses
 * together. Where another one has no room, one that is drawn at random is unmapped for it; a longer one does not wait.
 *
 * Nothing here locks: all is called under the lock of large.c. Below: base/os_bar, base/secret, the profile. */
#ifndef HAK_SPACE_LARGE_QUARANTINE_H
#define HAK_SPACE_LARGE_QUARANTINE_H

#include <stdbool.h>
#include <stddef.h>

#define LARGE_QUARANTINE_MOST 256u
#define LARGE_QUARANTINE_SHARE 4096u

/* The BYTES at BASE, a mapping of a block that was freed, wait from now on; false where they do not: then they are as
 * they were. */
bool large_quarantine_add(char *base, size_t bytes);

/* Unmaps all that wait; false if there are none. */
bool large_quarantine_end(void);

#endif
