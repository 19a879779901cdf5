/* SPDX-License-Identifier: MIT */
/* Probes: places where a tracer (perf, bpftrace, SystemTap) or a debugger may look on, by name and with arguments, of
 * the provider libhakmem. doc/tracing.md has the table of them. Where nobody does, each is one nop, and a note in the
 * file says where it is and in which registers its arguments are then: so arguments are what the code has at hand.
 *
 * None stands on a fast path, nor in COLD code: what a tracer has written there is lost when the start ends
 * (drop_start). Each stands in one place of the library, as perf takes two of a name for a mistake. A build without
 * <sys/sdt.h> has none. Any thread. Below: nothing. */
#ifndef HAK_BASE_PROBE_H
#define HAK_BASE_PROBE_H

#include "lib/base/compiler.h"

#ifdef HAK_PROBES
#define SDT_USE_VARIADIC
#define STAP_SDT_ARG_CONSTRAINT r /* perf knows no constants, and not all ways to address memory */
#include <sys/sdt.h>
#define PROBE(name, ...) STAP_PROBEV(libhakmem, name, __VA_ARGS__)
#else
#define PROBE(name, ...) ((void)0)
#endif

enum probe_purge {
    PROBE_DISCARDED,        /* the memory is gone (MADV_DONTNEED) */
    PROBE_DISCARDED_LAZILY, /* it goes when the kernel needs it (MADV_FREE) */
    PROBE_UNMAPPED          /* the addresses are gone as well */
};

/* The probe purge: BYTES at ADDRESS went back to the kernel. */
void probe_purge(const void *address, size_t bytes, enum probe_purge how);

#endif
