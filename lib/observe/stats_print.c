/* SPDX-License-Identifier: MIT */
/* The statistics for who calls for them: written to a descriptor, or into a buffer (stats_json.c). Below: stats_record,
 * stats_scratch, base/report. */
#include "lib/base/report.h"
#include "lib/observe/stats_scratch.h"

#include <errno.h>
#include <pthread.h>

static bool print(int descriptor, void (*add)(struct writer *, const struct stats_record *))
{
    struct stats_scratch *scratch = stats_scratch_take();
    if (scratch == NULL) {
        errno = ENOMEM;
        return false;
    }
    struct writer writer = writer_start(scratch->text, sizeof scratch->text);
    stats_record_take(&scratch->record, STATS_OF_CALL);
    add(&writer, &scratch->record);
    bool done = report_text(descriptor, scratch->text, writer_kept(&writer)) == writer_kept(&writer);
    stats_scratch_give(scratch);
    return done;
}

/* No cancellation point, though counters are read from files and the text is written. */
static bool print_uncancelled(int descriptor, void (*add)(struct writer *, const struct stats_record *))
{
    int cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    bool done = print(descriptor, add);
    pthread_setcancelstate(cancel, &cancel);
    return done;
}

HAK_EXPORT COLD void hak_stats_print(int descriptor)
{
    print_uncancelled(descriptor, stats_add_text);
}

HAK_EXPORT COLD bool hak_stats_print_json(int descriptor)
{
    return print_uncancelled(descriptor, stats_add_json);
}
