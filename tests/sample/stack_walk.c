/* SPDX-License-Identifier: MIT */
/* Call stacks, beside those of the C++ runtime's unwinder: through frames of all kinds. With musl there is no such
 * unwinder that could be linked: then they begin and are as deep as they should be. */
#include "lib/sample/stack_walk.h"

#include "lib/base/os.h"
#include "lib/sample/modules.h"
#include "tests/base/child.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#ifdef __GLIBC__
#include <ucontext.h>
#include <unwind.h>
#endif

#ifdef __x86_64__
#define KNOWN_PROCESSOR 1
#elif defined __aarch64__
#define KNOWN_PROCESSOR 1
#else
#define KNOWN_PROCESSOR 0
#endif

#define KEEP_FRAME __asm__ volatile("" : : : "memory") /* behind a call: it is no jump */

static volatile int compared; /* stacks that were the same; also by signal handlers */

#ifdef __GLIBC__
#define THEIR_FRAMES (STACK_FRAMES_MOST + 16) /* with those in here */

struct theirs {
    uint32_t depth;
    uintptr_t frames[THEIR_FRAMES];
};

static _Unwind_Reason_Code add(struct _Unwind_Context *context, void *argument)
{
    struct theirs *theirs = argument;
    if (theirs->depth == THEIR_FRAMES)
        return _URC_END_OF_STACK;
    int before = 0;
    uintptr_t address = _Unwind_GetIPInfo(context, &before);
    if (address == 0)
        return _URC_END_OF_STACK;
    theirs->frames[theirs->depth++] = address + (uintptr_t)before;
    return _URC_NO_REASON;
}

/* Both stacks from the caller on: the first frames, in here, differ. */
static __attribute__((noinline)) void compare(void)
{
    static struct stack ours;
    static struct theirs theirs;
    theirs.depth = 0;
    stack_walk(&ours, 0, __builtin_return_address(0));
    _Unwind_Backtrace(add, &theirs);
    uint32_t skipped = 0;
    while (skipped < theirs.depth && theirs.frames[skipped] != ours.frames[0])
        skipped++;
    if (ours.depth == 0 || ours.frames[0] != (uintptr_t)__builtin_return_address(0))
        fail_msg("the stack does not begin with the caller");
    uint32_t expected = theirs.depth - skipped;
    if (expected > STACK_FRAMES_MOST)
        expected = STACK_FRAMES_MOST;
    if (ours.depth != expected)
        fail_msg("%u frames, %u are expected", ours.depth, expected);
    for (uint32_t i = 0; i < ours.depth; i++)
        if (ours.frames[i] != theirs.frames[skipped + i])
            fail_msg("frame %u is %#lx, %#lx is expected", i, (unsigned long)ours.frames[i],
                     (unsigned long)theirs.frames[skipped + i]);
    compared++;
}
#else
static __attribute__((noinline)) void compare(void)
{
    static struct stack ours;
    stack_walk(&ours, 0, __builtin_return_address(0));
    if (ours.depth < 2 || ours.frames[0] != (uintptr_t)__builtin_return_address(0))
        fail_msg("the stack does not begin with the caller");
    compared++;
}
#endif

static __attribute__((noinline)) int plain(int depth)
{
    if (depth > 0)
        plain(depth - 1);
    else
        compare();
    KEEP_FRAME;
    return depth;
}

/* A frame of a size that is known at run time only. */
static __attribute__((noinline)) void varying(size_t bytes)
{
    char *memory = __builtin_alloca(bytes);
    memset(memory, 1, bytes);
    __asm__ volatile("" : : "r"(memory) : "memory");
    plain(2);
    KEEP_FRAME;
}

/* A frame that is aligned to more than the stack. */
static __attribute__((noinline)) void aligned(size_t bytes)
{
    _Alignas(128) volatile char memory[256];
    memory[bytes % 256] = 1;
    if (bytes % 2 == 0)
        varying(bytes);
    else
        plain(1);
    __asm__ volatile("" : : "r"(memory) : "memory");
}

/* More of a frame than short offsets reach. */
static __attribute__((noinline)) void huge(void)
{
    volatile char memory[600000];
    memory[0] = 1;
    aligned(64);
    __asm__ volatile("" : : "r"(memory) : "memory");
}

static int order(const void *a, const void *b)
{
    if (compared < 100)
        compare();
    return *(const int *)a - *(const int *)b;
}

static void frames_of_all_kinds(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) { /* the rules are remembered then */
        plain(0);
        plain(20);
        for (size_t bytes = 1; bytes < 5000; bytes += 333) {
            varying(bytes);
            aligned(bytes);
        }
        huge();
    }
    int numbers[] = {5, 2, 4, 1, 3};
    qsort(numbers, 5, sizeof *numbers, order); /* through the C library */
    assert_true(compared > 50);
}

static void deep_stacks_are_cut(void **state)
{
    (void)state;
    static struct stack stack;
    plain(STACK_FRAMES_MOST + 50);
    stack_walk(&stack, 0, &stack); /* no frame returns there: all are taken for this library's */
    assert_int_equal(stack.depth, 0);
    stack_walk(&stack, 0, NULL);
    assert_true(stack.depth > 2);
}

static void *in_thread(void *argument)
{
    plain(3);
    return argument;
}

static void threads_have_ends(void **state)
{
    (void)state;
    pthread_t thread;
    compared = 0;
    assert_int_equal(pthread_create(&thread, NULL, in_thread, NULL), 0);
    pthread_join(thread, NULL);
    assert_int_equal(compared, 1);
}

#ifdef __GLIBC__ /* musl's way back from a handler has no unwind information */
static void handle(int number)
{
    (void)number;
    compare();
}

/* A handler on the stack of what it interrupts, and on one of its own. */
static void signals_are_passed(void **state)
{
    (void)state;
    skip_if_emulated("an emulator makes frames of signals as it likes");
    static char stack[65536];
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    compared = 0;
    for (int flags = 0; flags <= SA_ONSTACK; flags += SA_ONSTACK) {
        sigaction(SIGUSR1, &(struct sigaction){.sa_handler = handle, .sa_flags = flags}, NULL);
        raise(SIGUSR1);
    }
    assert_int_equal(compared, 2);
}

static ucontext_t main_context, other_context;

static void in_context(void)
{
    plain(2);
    swapcontext(&other_context, &main_context);
}

/* What a program makes of stacks of its own. */
static void other_stacks_are_walked(void **state)
{
    (void)state;
    static char stack[65536];
    compared = 0;
    getcontext(&other_context);
    other_context.uc_stack = (stack_t){.ss_sp = stack, .ss_size = sizeof stack};
    makecontext(&other_context, in_context, 0);
    swapcontext(&main_context, &other_context);
    assert_int_equal(compared, 1);
}
#endif

/* Return addresses stand where the walk says. */
static void places_are_right(void **state)
{
    (void)state;
    static struct stack stack;
    uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
    stack_walk(&stack, sp, __builtin_return_address(0));
    assert_true(stack.depth > 0 && stack.has_places);
    for (uint32_t i = 0; i < stack.depth; i++)
        assert_true(stack_word(sp, stack.places[i]) == stack.frames[i]);
}

#ifdef __x86_64__
static struct stack walked;

static void walk_now(void)
{
    stack_walk(&walked, 0, __builtin_return_address(0));
    KEEP_FRAME;
}

/* Code without tables, whose frames are linked, calls a function of ours, and code that links nothing. */
static void code_of_run_time_is_passed(void **state)
{
    (void)state;
    static const uint8_t linked[] = {0x55,             /* push %rbp */
                                     0x48, 0x89, 0xe5, /* mov %rsp, %rbp */
                                     0xff, 0xd7,       /* call *%rdi */
                                     0x5d, 0xc3},      /* pop %rbp; ret */
        loose[] = {0x55,                               /* push %rbp */
                   0x48, 0xc7, 0xc5, 1, 0, 0, 0,       /* mov $1, %rbp */
                   0xff, 0xd7,                         /* call *%rdi */
                   0x5d, 0xc3};
    uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED) {
        print_message("skipped: memory may not be written and run here\n");
        skip();
    }
    memcpy(code, linked, sizeof linked);
    memcpy(code + 64, loose, sizeof loose);
    void (*call[])(void (*)(void)) = {(void (*)(void (*)(void)))code, (void (*)(void (*)(void)))(code + 64)};
    for (int i = 0; i < 2; i++) {
        call[i](walk_now);
        bool passed = false;
        for (uint32_t frame = 0; frame < walked.depth; frame++)
            passed |= walked.frames[frame] == (uintptr_t)call[i] + (i == 0 ? 6 : 10);
        assert_true(passed);
        assert_true(i == 0 ? walked.depth > 4 : walked.depth < 4);
    }
    munmap(code, 4096);
}
#endif

static int start(void **state)
{
    (void)state;
    os_start();
    modules_start();
    if (KNOWN_PROCESSOR)
        return 0;
    print_message("skipped: there is no rule for frames of this processor\n");
    skip();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frames_of_all_kinds),        TEST(deep_stacks_are_cut),
        TEST(threads_have_ends),          TEST(places_are_right),
#ifdef __GLIBC__
        TEST(signals_are_passed),         TEST(other_stacks_are_walked),
#endif
#ifdef __x86_64__
        TEST(code_of_run_time_is_passed),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
