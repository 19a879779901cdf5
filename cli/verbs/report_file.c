/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See report_file.h. */
#include "config.h"

#include "cli/verbs/report_file.h"

#include "cli/html/compare_part.h"
#include "cli/html/page.h"
#include "cli/machine/topology_json.h"
#include "cli/options/usage.h"
#include "cli/output/whole_file.h"

#include <limits.h>
#include <stdio.h>

int report_file_check(enum verb verb, const struct options *options)
{
    char message[PATH_MAX + 256];
    if (!options->report ||
        (page_possible(message, sizeof message) && whole_file_possible(options->report, message, sizeof message)))
        return 0;
    return usage_failure(verb, 1, "--report: %s", message);
}

/* Ends FILE, which was opened if GOOD; else MESSAGE says why not. */
static int end(enum verb verb, struct whole_file *file, bool good, char *message, size_t size)
{
    if (good && whole_file_close(file, true, message, size))
        return 0;
    fprintf(stderr, "hakmem-tune: %s: --report: %s\n", verb == VERB_TUNE ? "tune" : "compare", message);
    return 1;
}

int report_file_write_sessions(const struct options *options, const struct session_record *const *records, size_t count,
                               const struct session_page_race *race)
{
    struct whole_file file;
    char message[PATH_MAX + 256];
    if (!options->report || count == 0)
        return 0;
    bool good = whole_file_open(&file, options->report, message, sizeof message);
    if (good)
        session_page_write(file.stream, records, count, race);
    return end(VERB_TUNE, &file, good, message, sizeof message);
}

int report_file_write_comparisons(const struct options *options, const struct comparison *comparisons, size_t count,
                                  const char *advice)
{
    struct whole_file file;
    char message[PATH_MAX + 256];
    if (!options->report || count == 0)
        return 0;
    json_t *topology = topology_json_here();
    bool good = whole_file_open(&file, options->report, message, sizeof message);
    if (good)
        compare_page_write(file.stream, comparisons, count, advice, topology);
    json_decref(topology);
    return end(VERB_COMPARE, &file, good, message, sizeof message);
}
