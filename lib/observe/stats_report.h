/* SPDX-License-Identifier: MIT */
/* The statistics that the environment asks for (HAKMEM_STATS, HAKMEM_STATS_SIGNAL: hakmem.h): at the program's end and
 * when a signal comes. Below: stats_request, stats_record, stats_scratch, stats_file, miss_rates, base/report. */
#ifndef HAK_OBSERVE_STATS_REPORT_H
#define HAK_OBSERVE_STATS_REPORT_H

#include "lib/base/compiler.h"

/* Writes a record if HAKMEM_STATS asks for that. The C library calls it at the program's end, if it is linked. */
COLD void stats_report_at_exit(void);

#endif
