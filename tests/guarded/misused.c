/* SPDX-License-Identifier: MIT */
/* One misuse of a guarded block, by name, or good use of many; under a profile with `guarded: 1/1`. Each case ends the
 * process at once after the misuse, without an exit: nothing but the access or the call itself can have noticed.
 *
 * Usage: misused NAME. Exit status: 0 where the misuse was not noticed, or the program went on. */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51 /* Linux 5.14 */
#endif

/* The compiler would warn of misuse, or take it out. */
static void *(*volatile allocate)(size_t) = malloc;
static void (*volatile release)(void *) = free;
static void *(*volatile resize)(void *, size_t) = realloc;
static size_t (*volatile usable)(void *) = malloc_usable_size;

static char *volatile nowhere = (char *)16;

#define SIZE 112 /* a multiple of 16: at a page's end nothing is behind it */

/* Found by name in the stacks: no compiler makes others of them. */
char *allocate_here(size_t size);
void release_here(void *block);
void use_here(volatile char *address);

__attribute__((noinline)) char *allocate_here(size_t size)
{
    char *block = allocate(size);
    memset(block, 1, size);
    return block;
}

__attribute__((noinline)) void release_here(void *block)
{
    release(block);
    __asm__ volatile("");
}

__attribute__((noinline)) void use_here(volatile char *address)
{
    *address = 2;
    __asm__ volatile("");
}

/* A block at the end of its page, or at its start. */
static char *block_at(int end)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < 100; i++) {
        char *block = allocate_here(SIZE);
        if (((uintptr_t)block + (end ? SIZE : 0)) % page == 0)
            return block;
    }
    _exit(3);
}

/* --- misuse ------------------------------------------------------------------------------------------------------- */

static void use_after_free(void)
{
    char *block = allocate_here(SIZE);
    release_here(block);
    use_here(block + 12);
}

static void read_after_free(void)
{
    char *block = allocate_here(SIZE);
    release_here(block);
    (void)*(volatile char *)(block + 12);
}

static void behind_at_end(void)
{
    use_here(block_at(1) + SIZE);
}

static void behind_at_start(void)
{
    char *block = block_at(0);
    use_here(block + SIZE);
    release_here(block);
}

static void before_at_start(void)
{
    use_here(block_at(0) - 1);
}

static void before_at_end(void)
{
    char *block = block_at(1);
    use_here(block - 1);
    release_here(block);
}

static void double_free(void)
{
    char *block = allocate_here(SIZE);
    release_here(block);
    release_here(block);
}

static void free_inside(void)
{
    release_here(allocate_here(SIZE) + 16);
}

static void free_unaligned(void)
{
    release_here(allocate_here(SIZE) + 1);
}

static void resize_freed(void)
{
    char *block = allocate_here(SIZE);
    release_here(block);
    if (resize(block, 2 * SIZE) != NULL)
        _exit(4);
}

static void usable_freed(void)
{
    char *block = allocate_here(SIZE);
    release_here(block);
    usable(block);
}

/* A free that another thread has done is told from the allocation. */
static void *release_in_thread(void *block)
{
    release_here(block);
    return NULL;
}

static void freed_by_thread(void)
{
    pthread_t thread;
    char *block = allocate_here(SIZE);
    pthread_create(&thread, NULL, release_in_thread, block);
    pthread_join(thread, NULL);
    use_here(block);
}

/* --- handlers of the program -------------------------------------------------------------------------------------- */

static sigjmp_buf back;
static struct sigaction old_action;

/* The library looks who has the signal from time to time. */
static void allocate_some(void)
{
    for (int i = 0; i < 50; i++)
        release(allocate(SIZE));
}

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(5);
}

static void jump(int number)
{
    say("the handler\n");
    siglongjmp(back, number);
}

static void set_handler(void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(SIGSEGV, &action, &old_action);
    allocate_some();
}

static void handler_jumps(void)
{
    set_handler(jump, 0);
    for (int i = 0; i < 3; i++)
        if (sigsetjmp(back, 1) == 0)
            use_after_free();
    say("goes on\n");
}

/* On a stack of its own, as short as they are; it allocates. */
static void allocate_in_handler(int number)
{
    char here;
    free(malloc(1000));
    allocate_some();
    stack_t stack;
    sigaltstack(NULL, &stack);
    say(&here >= (char *)stack.ss_sp && &here < (char *)stack.ss_sp + stack.ss_size ? "on its stack\n" : "elsewhere\n");
    siglongjmp(back, number);
}

static void handler_on_stack(void)
{
    size_t least = getauxval(AT_MINSIGSTKSZ), known = (size_t)MINSIGSTKSZ;
    stack_t stack = {.ss_size = 2 * (least > known ? least : known) + 8192};
    stack.ss_sp = malloc(stack.ss_size);
    sigaltstack(&stack, NULL);
    set_handler(allocate_in_handler, SA_ONSTACK);
    if (sigsetjmp(back, 1) == 0)
        use_after_free();
    say("goes on\n");
}

/* Handlers that call what was before them. */
static void call_old(int number, siginfo_t *info, void *context)
{
    say("the handler\n");
    if ((old_action.sa_flags & SA_SIGINFO) != 0)
        old_action.sa_sigaction(number, info, context);
    else
        signal(SIGSEGV, SIG_DFL);
}

static void handler_calls_old(void)
{
    struct sigaction action = {.sa_sigaction = call_old, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, &old_action);
    allocate_some();
    use_after_free();
}

/* A handler for a while: what was before is put back, and that holds. */
static void handler_for_a_while(void)
{
    set_handler(jump, 0);
    sigaction(SIGSEGV, &old_action, NULL);
    allocate_some();
    use_after_free();
}

static void reset_handler(void)
{
    set_handler(jump, (int)SA_RESETHAND);
    if (sigsetjmp(back, 1) == 0)
        use_after_free();
    use_here(nowhere); /* the default has it now */
}

static void other_fault(void)
{
    allocate_some();
    use_here(nowhere);
}

static void sent_signal(void)
{
    allocate_some();
    kill(getpid(), SIGSEGV);
    pause();
}

/* --- good use ----------------------------------------------------------------------------------------------------- */

static void fail(const char *what, size_t value)
{
    fprintf(stderr, "%s: %zu\n", what, value);
    _exit(6);
}

/* Every size and alignment up to a page, of which the first some hundred are guarded. */
static void sizes(void)
{
    for (size_t size = 0; size <= 5000; size += size < 300 ? 1 : 97) {
        unsigned char *block = allocate(size), *zeros = calloc(size, 1);
        if (usable(block) < size || usable(zeros) < size || (uintptr_t)block % 16 != 0)
            fail("size", size);
        for (size_t i = 0; i < size; i++)
            if (zeros[i] != 0)
                fail("not zero", i);
        memset(block, (int)size, size);
        block = resize(block, 2 * size + 1);
        for (size_t i = 0; i < size; i++)
            if (block[i] != (unsigned char)size)
                fail("lost", i);
        memset(block, 3, 2 * size + 1);
        release(block);
        release(zeros);
    }
    for (size_t alignment = 16; alignment <= 65536; alignment *= 2)
        for (size_t size = 1; size < 5000; size += 333) {
            void *block = aligned_alloc(alignment, size);
            if (block == NULL || (uintptr_t)block % alignment != 0)
                fail("alignment", alignment);
            memset(block, 4, size);
            release(block);
        }
}

/* More than there are slots for, and all of them live. */
static void many(void)
{
    static char *block[3000];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 3000; i++)
            memset(block[i] = allocate(1 + i), (int)i, 1 + i);
        for (size_t i = 0; i < 3000; i++) {
            if (block[i][i] != (char)i)
                fail("lost", i);
            release(block[i]);
        }
    }
}

static void *churn(void *unused)
{
    for (int round = 0; round < 300; round++) {
        void *block[20];
        for (size_t i = 0; i < 20; i++)
            memset(block[i] = allocate(50 * i + 1), 7, 50 * i + 1);
        for (size_t i = 0; i < 20; i++)
            release(block[i]);
    }
    return unused;
}

/* Threads that fork meanwhile; children free what their parents have allocated. */
static void children(void)
{
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, churn, NULL);
    for (int round = 0; round < 20; round++) {
        char *block = allocate_here(SIZE);
        pid_t child = fork();
        if (child == 0) {
            release(block);
            churn(NULL);
            _exit(0);
        }
        int status = -1;
        waitpid(child, &status, 0);
        if (status != 0)
            fail("child", (size_t)status);
        release(block);
    }
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

/* What is resident beside the blocks themselves, as the kernel says: printed. */
static void resident(void)
{
    many();
    char line[256];
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    long kib = 0, sum = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "Anonymous: %ld", &kib) == 1)
            sum += kib;
    printf("%ld\n", sum);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"use_after_free", use_after_free},
    {"read_after_free", read_after_free},
    {"behind_at_end", behind_at_end},
    {"behind_at_start", behind_at_start},
    {"before_at_start", before_at_start},
    {"before_at_end", before_at_end},
    {"double_free", double_free},
    {"free_inside", free_inside},
    {"free_unaligned", free_unaligned},
    {"resize_freed", resize_freed},
    {"usable_freed", usable_freed},
    {"freed_by_thread", freed_by_thread},
    {"handler_jumps", handler_jumps},
    {"handler_on_stack", handler_on_stack},
    {"handler_calls_old", handler_calls_old},
    {"handler_for_a_while", handler_for_a_while},
    {"reset_handler", reset_handler},
    {"other_fault", other_fault},
    {"sent_signal", sent_signal},
    {"sizes", sizes},
    {"many", many},
    {"children", children},
    {"resident", resident},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (argc > 1 && strcmp(cases[i].name, argv[1]) == 0) {
            cases[i].run();
            fflush(stdout);
            _exit(0);
        }
    return 99;
}
