/* SPDX-License-Identifier: MIT */
#include "lib/thread/start.h"

#include "lib/base/bootstrap_arena.h"
#include "lib/base/drop_start.h"
#include "lib/base/os.h"
#include "lib/base/report.h"
#include "lib/base/sanitizer.h"
#include "lib/base/stay_loaded.h"
#include "lib/harden/harden.h"
#include "lib/harden/quarantine.h"
#include "lib/heap/size_class.h"
#include "lib/profile/active.h"
#include "lib/profile/find.h"
#include "lib/space/aside.h"
#include "lib/thread/detach.h"
#include "lib/thread/divert.h"
#include "lib/thread/fork.h"
#include "lib/thread/held_cache.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

enum { NEW, STARTING, READY, ASIDE };

/* READY and ASIDE are stored with release, after all that the start writes; read with acquire. */
static _Atomic int process_stage;
static _Thread_local bool starting __attribute__((tls_model("initial-exec")));

static void take_profile(const struct hak_profile *profile, const char *source)
{
#ifdef HAK_BAKED_PROFILE
    (void)profile;
    bool strict = hak_profile_is_strict();
    report_line("%s: this library has the profile \"%s\" compiled in; %s", source, hak_active_profile.name,
                strict ? "stopping (HAKMEM_PROFILE_STRICT=1)" : "using that");
    if (strict)
        _exit(2);
#else
    (void)source;
    hak_active_profile = *profile;
#endif
}

static void refuse_profile(const char *message)
{
    bool strict = hak_profile_is_strict();
    report_line("%s; %s", message,
                strict ? "stopping (HAKMEM_PROFILE_STRICT=1)" : "using the built-in default profile");
    if (strict)
        _exit(2);
}

/* Loads the profile that HAKMEM_PROFILE names. One that is refused leaves the built-in default as a whole, or ends the
 * program if that is asked. */
static COLD void load_profile(void)
{
    if (!hak_profile_is_named())
        return;
    /* Not on the stack: the first malloc may come on a small one. */
    struct {
        struct hak_profile profile;
        char source[HAK_PROFILE_PATH_SIZE], message[HAK_PROFILE_MESSAGE_SIZE];
    } *found = bootstrap_take(sizeof *found, BLOCK_ALIGNMENT);
    int cancel; /* files are read, which malloc must not be cancelled in */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    enum hak_profile_origin origin = hak_profile_from_environment(&found->profile, found->source, sizeof found->source,
                                                                  found->message, sizeof found->message);
    if (origin == HAK_PROFILE_REFUSED)
        refuse_profile(found->message);
    if (origin == HAK_PROFILE_LOADED)
        take_profile(&found->profile, found->source);
    pthread_setcancelstate(cancel, &cancel);
    bootstrap_give(found);
    bootstrap_release();
}

static COLD void start_own_heap(void)
{
    load_profile();
    harden_start();
    held_caches_stay_hidden = harden_is_on || guarded_clock_counts_all();
    divert_start(); /* before size_class_start, see there */
    size_class_start();
    quarantine_start();
    detach_start();
    fork_start();
}

/* Returns the stage that the process has come to. */
static COLD int start(void)
{
    starting = true;
    report_start();
    os_start();
    aside_start();
    bool aside = aside_serves();
    if (aside)
        harden_is_on = false; /* what serves instead has no such measures */
    else
        start_own_heap();
    starting = false;
    return aside ? ASIDE : READY;
}

bool start_process(void)
{
    int stage = atomic_load_explicit(&process_stage, memory_order_acquire);
    if (LIKELY(stage == READY))
        return true;
    if (starting || sanitizer_allocates()) /* whose runtime starts meanwhile, and calls this */
        return false;
    stage = NEW;
    if (atomic_compare_exchange_strong_explicit(&process_stage, &stage, STARTING, memory_order_acquire,
                                                memory_order_acquire))
        atomic_store_explicit(&process_stage, start(), memory_order_release);
    while ((stage = atomic_load_explicit(&process_stage, memory_order_acquire)) == STARTING)
        sched_yield(); /* another thread starts: the time of reading a small file */
    return stage == READY;
}

/* The library starts before the program's constructors where the loader runs it first, and at the first call otherwise.
 */
__attribute__((constructor(101))) static void start_early(void)
{
    if (!start_process() && sanitizer_allocates())
        os_start(); /* valloc asks for the page size all the same */
    stay_loaded();
}

#ifdef PIC
#define AT_PAGE __attribute__((aligned(4096)))
#else
#define AT_PAGE
#endif

/* After the library's other constructors. GNU's linker puts constructors between COLD code and the rest; another's
 * order shows in where this file's other functions lie. */
__attribute__((constructor, section(".text.startup"))) AT_PAGE static void end_start(void)
{
    if (aside_serves())
        return;
    bool cold_comes_first = (uintptr_t)start_process > (uintptr_t)end_start;
    drop_start(cold_comes_first ? (const void *)end_start : NULL);
}
