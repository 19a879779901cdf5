/* SPDX-License-Identifier: MIT */
#include "lib/base/probe.h"

NOINLINE void probe_purge(const void *address, size_t bytes, enum probe_purge how)
{
    (void)address, (void)bytes, (void)how;
    PROBE(purge, address, bytes, how);
}
