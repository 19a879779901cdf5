/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first line of a journal: what the session is about.
 *
 *   {"type": "header", "format": 3, "version", "started", "budget_seconds" | "trials",
 *    "allocator", "space", "workload" | "command" | "server", "prepare", "cwd", "env", "stdin", "ok_status",
 * "timeout_seconds", "operations", "threads", "interleave", "objective", "limits": {"time": 5}, "own_metrics",
 * "core_worth_bytes", "strategy", "seed", "machine", and what fingerprint.h has: the identity, which a resumed session
 * must have too; "work": {"label", "name", "description", "job"}, "subject": {"name", "description", "baseline",
 * "library", "in_environment"}, "settings": [{"key", "default", "values", "what"}], "topology": {...}: what a report
 * shows besides
 * }
 *
 * Format 2 had neither the last four nor "ok_status" and the time limits. One thread. Below: record, fingerprint. */
#ifndef HAK_JOURNAL_RECORD_HEADER_H
#define HAK_JOURNAL_RECORD_HEADER_H

#include "cli/tune/settings.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The formats that a session may be resumed from, and that a report can be made of. */
#define RECORD_FORMAT 3
#define RECORD_OLDEST_FORMAT 2

/* FINGERPRINT: of fingerprint_make; TOPOLOGY: of topology_json. Both are borrowed and may be NULL. */
json_t *record_header(const struct session_settings *settings, const json_t *fingerprint, const json_t *topology);

/* Whether the journal that starts with HEADER belongs to a session with these SETTINGS and FINGERPRINT. False: MESSAGE
 * names the first difference. */
bool record_same_session(const json_t *header, const struct session_settings *settings, const json_t *fingerprint,
                         char *message, size_t size);

#endif
