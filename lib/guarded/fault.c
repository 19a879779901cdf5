/* SPDX-License-Identifier: MIT */
#include "lib/guarded/fault.h"

#include "lib/base/claim.h"
#include "lib/base/os.h"
#include "lib/base/os_guarded.h"
#include "lib/guarded/describe.h"
#include "lib/sample/stack_walk.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <ucontext.h>

/* --- the report --------------------------------------------------------------------------------------------------- */

/* A signal's stack may be short, so what is long is not there. Who has `reporting` writes it. */
static struct stack faulting_stack;
static _Atomic uint32_t reporting; /* the thread; 0: none. Acquire and release */
static unsigned reports;           /* who has `reporting` writes */
static const void *last_address;   /* the same: of the last report */

/* A handler may go on behind the instruction, or jump; the next report is likely to be about the same. And one that
 * calls what was before it comes here twice for one fault. */
#define REPORTS_MOST 8

/* Read or write, where the processor says that. */
static const char *how_touched(const void *context)
{
#if defined __x86_64__ && defined REG_ERR
    const ucontext_t *thread = context;
    return (thread->uc_mcontext.gregs[REG_ERR] & 2) != 0 ? "write" : "read";
#else
    (void)context;
    return "access";
#endif
}

/* The innermost frame is that by which the handler returns. */
static void report(const struct guarded_slot *slot, const void *address, const void *context)
{
    stack_walk(&faulting_stack, (uintptr_t)__builtin_frame_address(0), NULL);
    uint32_t skipped = faulting_stack.depth > 1;
    describe_fault(slot, address, how_touched(context), faulting_stack.frames + skipped,
                   faulting_stack.depth - skipped);
}

/* How long another thread's report is waited for, which this one's end would cut. */
#define WAIT_MILLISECONDS 2000

/* False where the thread reports already: what the program does to handle its fault has run into the next one. */
static bool begin_report(void)
{
    uint32_t own = os_thread(), holder = 0;
    while (!atomic_compare_exchange_strong_explicit(&reporting, &holder, own, memory_order_acquire,
                                                    memory_order_relaxed)) {
        if (holder == own || !os_wait(&reporting, holder, WAIT_MILLISECONDS))
            return false;
        holder = 0;
    }
    return true;
}

static void end_report(void)
{
    atomic_store_explicit(&reporting, 0, memory_order_release);
    os_wake(&reporting);
}

static void report_once(const siginfo_t *info, const void *context)
{
    const struct guarded_slot *slot = info->si_code > 0 ? guarded_slot_near(info->si_addr) : NULL;
    if (slot == NULL || !begin_report())
        return;
    int saved = errno;
    if (info->si_addr != last_address && reports++ < REPORTS_MOST) {
        last_address = info->si_addr;
        report(slot, info->si_addr, context);
    }
    errno = saved;
    end_report();
}

/* --- who comes next ----------------------------------------------------------------------------------------------- */

/* Under `watching`: what each of our functions stands before. A turn is taken once, and const from before its function
 * is known to the kernel on. */
static struct sigaction before[FAULT_TURNS];
static unsigned turns;
static struct claim watching;

/* The default, or what the kernel would not let it ignore: the fault comes again when the handler returns, and where
 * somebody else has sent the signal, it is sent once more. */
static void put_back(const siginfo_t *info, const struct sigaction *action)
{
    sigaction(SIGSEGV, action, NULL);
    if (info->si_code <= 0)
        pthread_kill(pthread_self(), SIGSEGV);
}

static void call(siginfo_t *info, void *context, const struct sigaction *action)
{
    if ((action->sa_flags & (int)SA_RESETHAND) != 0) {
        struct sigaction standard = {.sa_handler = SIG_DFL};
        sigaction(SIGSEGV, &standard, NULL);
    }
    if ((action->sa_flags & SA_SIGINFO) != 0)
        action->sa_sigaction(SIGSEGV, info, context);
    else
        action->sa_handler(SIGSEGV);
}

static bool has_handler(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) != 0 || (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN);
}

static void handle(siginfo_t *info, void *context, unsigned turn)
{
    report_once(info, context);
    if (has_handler(&before[turn]))
        call(info, context, &before[turn]);
    else
        put_back(info, &before[turn]);
}

#define TURN(number)                                                        \
    static void handle_##number(int signal, siginfo_t *info, void *context) \
    {                                                                       \
        (void)signal;                                                       \
        handle(info, context, number);                                      \
    }
TURN(0)
TURN(1)
TURN(2)
TURN(3)
TURN(4)
TURN(5)
TURN(6)
TURN(7)

typedef void turn_function(int, siginfo_t *, void *);
static turn_function *function_of(unsigned turn)
{
    switch (turn) {
    case 0:
        return handle_0;
    case 1:
        return handle_1;
    case 2:
        return handle_2;
    case 3:
        return handle_3;
    case 4:
        return handle_4;
    case 5:
        return handle_5;
    case 6:
        return handle_6;
    default:
        return handle_7;
    }
}
_Static_assert(FAULT_TURNS == 8, "as many functions");

static bool is_ours(const struct sigaction *action)
{
    for (unsigned turn = 0; turn < FAULT_TURNS; turn++)
        if ((action->sa_flags & SA_SIGINFO) != 0 && action->sa_sigaction == function_of(turn))
            return true;
    return false;
}

/* The same signals are held back meanwhile, and the same stack is used, as the program wants it. A default action has
 * no wishes: then the thread's signal stack, if it has one, since the fault may be the end of the other one. */
static struct sigaction action_before(const struct sigaction *present, unsigned turn)
{
    struct sigaction action = {.sa_mask = present->sa_mask};
    int kept = SA_ONSTACK | SA_RESTART | SA_NODEFER;
    action.sa_flags = SA_SIGINFO | (has_handler(present) ? present->sa_flags & kept : SA_ONSTACK | SA_RESTART);
    action.sa_sigaction = function_of(turn);
    return action;
}

static bool is_same(const struct sigaction *one, const struct sigaction *other)
{
    bool with_info = (one->sa_flags & SA_SIGINFO) != 0;
    return one->sa_flags == other->sa_flags &&
           (with_info ? one->sa_sigaction == other->sa_sigaction : one->sa_handler == other->sa_handler) &&
           memcmp(&one->sa_mask, &other->sa_mask, sizeof one->sa_mask) == 0;
}

/* That which stands before the same action already, or one that is new; FAULT_TURNS where there is none left. */
static unsigned turn_for(const struct sigaction *present)
{
    unsigned turn = 0;
    while (turn < turns && !is_same(&before[turn], present))
        turn++;
    return turn;
}

/* Where the program sets an action between the two calls, that stays. */
static void go_before(const struct sigaction *present)
{
    unsigned turn = turn_for(present);
    if (turn == FAULT_TURNS)
        return;
    if (turn == turns)
        before[turns++] = *present;
    struct sigaction action = action_before(present, turn), found;
    if (sigaction(SIGSEGV, &action, &found) == 0 && !is_same(&found, present))
        sigaction(SIGSEGV, &found, NULL);
}

void fault_watch(void)
{
    struct sigaction present;
    int saved = errno;
    if (!claim_take(&watching))
        return;
    if (sigaction(SIGSEGV, NULL, &present) == 0 && !is_ours(&present))
        go_before(&present);
    claim_release(&watching);
    errno = saved;
}
