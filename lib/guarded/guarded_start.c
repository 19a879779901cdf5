/* SPDX-License-Identifier: MIT */
#include "lib/guarded/guarded_start.h"

#include "lib/base/report.h"
#include "lib/guarded/choose.h"
#include "lib/guarded/describe.h"
#include "lib/guarded/fault.h"
#include "lib/profile/active.h"
#include "lib/sample/modules.h"
#include "lib/space/guarded_slots.h"
#include "lib/thread/start.h"

bool guarded_is_on;

/* After the start of the allocator, and after the heap profile's constructor, whose details of reports are replaced. */
__attribute__((constructor(104))) static void start_guarded(void)
{
    if (HAK_PROFILE(security_guarded) == 0 || !start_process())
        return;
    modules_start();
    if (!guarded_slots_start()) {
        report_line("security.guarded: no memory for guarded blocks; it has no effect");
        return;
    }
    choose_start();
    describe_start();
    fault_watch();
    guarded_is_on = true;
}
