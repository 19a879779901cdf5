/* SPDX-License-Identifier: MIT */
/* Who holds a lock of the loader's or of the C library's waits for somebody who allocates: a heap profile that wanted
 * that lock for a call stack or for a file would never end. Each case is one that has happened to a profiler of another
 * allocator, made to happen for certain. Every allocation is sampled (tests/sample/waiting.tap).
 *
 *   crossed LIBRARY DIRECTORY     the library is tests/sample/loaded.c; files go into the directory */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <execinfo.h>
#endif

/* Far above what a case takes. */
#define SECONDS_MOST 40

static const char *library, *directory;
static bool (*start_profile)(void);
static void (*stop_profile)(void);
static bool (*dump_profile)(const char *file);

/* --- results ------------------------------------------------------------------------------------------------------ */

static int number;
static const char *volatile now = "";

static void waits_for_ever(int signal_number)
{
    static const char words[] = "# waits for ever: ";
    (void)signal_number;
    ssize_t ignored = write(STDOUT_FILENO, words, sizeof words - 1);
    ignored += write(STDOUT_FILENO, now, strlen(now));
    ignored += write(STDOUT_FILENO, "\n", 1);
    _exit(ignored < 0 ? 3 : 2);
}

static int failures;

static void run(const char *description, bool (*body)(void))
{
    now = description;
    alarm(SECONDS_MOST);
    bool good = body();
    alarm(0);
    failures += !good;
    printf("%sok %d - %s\n", good ? "" : "not ", ++number, description);
    fflush(stdout);
}

/* --- allocations from where nothing was sampled before ------------------------------------------------------------ */

/* A rule for a frame is looked up once. So each case allocates in functions of its own, one in the other. */
#define FRESH(name)                                                  \
    static __attribute__((noinline)) void *name##_inner(size_t size) \
    {                                                                \
        void *volatile block = malloc(size);                         \
        return block;                                                \
    }                                                                \
    static void *name(void *argument)                                \
    {                                                                \
        for (size_t size = 10; size < 200000; size *= 5)             \
            free(name##_inner(size));                                \
        return argument;                                             \
    }

/* Another thread runs BODY from beginning to end. */
static bool elsewhere(void *(*body)(void *argument))
{
    pthread_t thread;
    return pthread_create(&thread, NULL, body, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

/* --- the loader's list -------------------------------------------------------------------------------------------- */

/* A program may have its own dl_iterate_phdr, which asks the loader for the true one each time, and allocates. (Not
 * beside ThreadSanitizer, which calls it before anything can.) */
#ifndef __SANITIZE_THREAD__
int dl_iterate_phdr(int (*visit)(struct dl_phdr_info *info, size_t size, void *context), void *context)
{
    static _Thread_local bool inside;
    int (*next)(int (*)(struct dl_phdr_info *, size_t, void *), void *);
    *(void **)&next = dlsym(RTLD_NEXT, "dl_iterate_phdr");
    if (!inside) {
        inside = true;
        free(malloc(300));
        dlsym(RTLD_DEFAULT, "there_is_no_such_function"); /* which leaves an error, in memory of malloc */
        inside = false;
    }
    return next(visit, context);
}
#endif

FRESH(while_list_is_held)
FRESH(while_list_is_held_too)

static int wait_in_list(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)info;
    (void)size;
    *(bool *)context = elsewhere(while_list_is_held);
    while_list_is_held_too(NULL);
    return 1;
}

static bool in_list(void)
{
    bool good = false;
    dl_iterate_phdr(wait_in_list, &good);
    return good;
}

static int dump_in_list(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)info;
    (void)size;
    *(bool *)context = dump_profile("/dev/null");
    return 1;
}

static bool dump_with_list(void)
{
    bool good = false;
    dl_iterate_phdr(dump_in_list, &good);
    return good;
}

/* --- libraries that come and go ----------------------------------------------------------------------------------- */

static bool loads(void)
{
    for (int i = 0; i < 20; i++) {
        void *handle = dlopen(library, RTLD_NOW);
        if (handle == NULL)
            return false;
        int (*threads)(void);
        *(void **)&threads = dlsym(handle, "loaded_threads");
        bool good = threads != NULL && threads() > 0;
        if (dlclose(handle) != 0 || !good)
            return false;
    }
    return true;
}

static size_t (*touch)(void);

static void *touch_first(void *argument)
{
    return touch() != 0 ? argument : NULL;
}

static bool thread_local_storage(void)
{
    void *handle = dlopen(library, RTLD_NOW);
    if (handle == NULL)
        return false;
    *(void **)&touch = dlsym(handle, "loaded_touch");
    bool good = touch != NULL;
    for (int i = 0; i < 20 && good; i++)
        good = elsewhere(touch_first);
    dlclose(handle);
    return good;
}

/* --- the C library's unwinder: its first use loads libgcc ----------------------------------------------------------
 */

FRESH(while_cleaning_up)

static void clean_up(void *argument)
{
    while_cleaning_up(argument);
}

static volatile bool exits_now = true;

static __attribute__((noinline)) void exit_from(int depth)
{
    pthread_cleanup_push(clean_up, NULL);
    if (depth > 0)
        exit_from(depth - 1);
    else if (exits_now)
        pthread_exit(NULL);
    pthread_cleanup_pop(1);
}

static void *exits(void *argument)
{
    exit_from(5);
    return argument;
}

static bool thread_exit(void)
{
    return elsewhere(exits);
}

static void *is_cancelled(void *argument)
{
    pthread_cleanup_push(clean_up, NULL);
    for (;;) {
        free(malloc(500));
        pthread_testcancel();
    }
    pthread_cleanup_pop(1);
    return argument;
}

static bool cancelled(void)
{
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, is_cancelled, NULL) != 0)
            return false;
        usleep(500);
        pthread_cancel(thread);
        if (pthread_join(thread, NULL) != 0)
            return false;
    }
    return true;
}

static bool first_backtrace(void)
{
#ifdef __GLIBC__
    void *frames[10];
    return backtrace(frames, 10) > 0;
#else
    return true;
#endif
}

/* --- the C library's streams -------------------------------------------------------------------------------------- */

static bool good_elsewhere;

static void *dump_elsewhere(void *argument)
{
    good_elsewhere = !dump_profile("/none/such/directory") && errno == ENOENT && dump_profile("/dev/null");
    return argument;
}

static bool streams(void)
{
    flockfile(stdout);
    flockfile(stderr);
    bool good = elsewhere(dump_elsewhere);
    funlockfile(stderr);
    funlockfile(stdout);
    return good && good_elsewhere;
}

/* --- forks -------------------------------------------------------------------------------------------------------- */

FRESH(before_fork)
FRESH(after_fork)

static atomic_bool handles_forks;

static void prepare(void)
{
    if (handles_forks)
        elsewhere(before_fork);
}

static void follow(void)
{
    if (handles_forks)
        after_fork(NULL);
}

/* The child's status is 0. */
static bool ends_well(pid_t child)
{
    int status = 1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool fork_handlers(void)
{
    handles_forks = true;
    pid_t child = fork();
    handles_forks = false;
    if (child == 0)
        _exit(!dump_profile("/dev/null"));
    return ends_well(child);
}

static atomic_bool done;

static void *dumps(void *argument)
{
    while (!done)
        dump_profile("/dev/null");
    return argument;
}

static void *switches(void *argument)
{
    while (!done) {
        stop_profile();
        start_profile();
    }
    return argument;
}

/* Runs BODY while a thread runs OTHER. */
static bool beside(void *(*other)(void *argument), bool (*body)(void))
{
    pthread_t thread;
    done = false;
    if (pthread_create(&thread, NULL, other, NULL) != 0)
        return false;
    bool good = body();
    done = true;
    pthread_join(thread, NULL);
    return good;
}

static bool dump_in_children(void)
{
    bool good = true;
    for (int i = 0; i < 100 && good; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(!dump_profile("/dev/null"));
        good = ends_well(child);
    }
    return good;
}

static bool forks_while_dumping(void)
{
    return beside(dumps, dump_in_children);
}

static void *kept[200];

static __attribute__((noinline)) void while_it_is_off(void)
{
    for (int i = 0; i < 100; i++)
        kept[i] = malloc(1000);
}

static __attribute__((noinline)) void once_it_is_on(void)
{
    for (int i = 100; i < 200; i++)
        kept[i] = malloc(1000);
}

static bool file_has(const char *name, const char *word)
{
    static char text[1 << 20];
    FILE *file = fopen(name, "r");
    if (file == NULL)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return strstr(text, word) != NULL;
}

/* Whether the child of a fork has the profile off and on again. */
static bool child_switches(void)
{
    char pattern[2048], name[4096];
    snprintf(pattern, sizeof pattern, "%s/child.%%p.folded", directory);
    snprintf(name, sizeof name, "%s/child.%d.folded", directory, (int)getpid());
    stop_profile();
    while_it_is_off();
    start_profile();
    once_it_is_on();
    return dump_profile(pattern) && file_has(name, "once_it_is_on") && !file_has(name, "while_it_is_off");
}

static bool switch_in_children(void)
{
    bool good = true;
    for (int i = 0; i < 100 && good; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(!child_switches());
        good = ends_well(child);
    }
    return good;
}

static bool forks_while_switching(void)
{
    return beside(switches, switch_in_children);
}

/* The child ends as a process does: with its destructors, and the file that is written then. */
static bool children_exit(void)
{
    bool good = true;
    for (int i = 0; i < 20 && good; i++) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            exit(0);
        good = ends_well(child);
    }
    return good;
}

static void *goes_through(void *argument)
{
    bool good;
    while (!done)
        dl_iterate_phdr(wait_in_list, &good);
    return argument;
}

static bool children_of_the_list(void)
{
    return beside(goes_through, dump_in_children);
}

/* --- signals ------------------------------------------------------------------------------------------------------ */

static atomic_int dumped;

static void dump_now(int signal_number)
{
    int saved = errno;
    (void)signal_number;
    dumped += dump_profile("/dev/null");
    errno = saved;
}

static int nothing(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)info;
    (void)size;
    (void)context;
    free(malloc(700));
    return 0;
}

/* A handler writes the profile, whatever it has interrupted. */
static bool signals(void)
{
    struct sigaction action = {.sa_handler = dump_now, .sa_flags = SA_RESTART};
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &often, NULL);
    bool good = true;
    for (int i = 0; i < 1000000 && dumped < 200 && good; i++) {
        void *large = malloc(100000);
        free(malloc((size_t)i % 3000));
        free(realloc(large, 200000));
        dl_iterate_phdr(nothing, NULL);
        void *handle = i % 100 == 0 ? dlopen(library, RTLD_NOW) : NULL;
        good = i % 100 != 0 || (handle != NULL && dlclose(handle) == 0);
    }
    setitimer(ITIMER_PROF, &never, NULL);
    return good && dumped > 0;
}

/* --- the end, while others go on ---------------------------------------------------------------------------------- */

static _Atomic int going;

static void *never_ends(void *argument)
{
    void *volatile mine = malloc(900); /* live when the end is written */
    going++;
    while (mine != NULL) {
        free(malloc(900));
        dl_iterate_phdr(nothing, NULL);
    }
    return argument;
}

static bool find_functions(void)
{
    *(void **)&start_profile = dlsym(RTLD_DEFAULT, "hak_heap_profile_start");
    *(void **)&stop_profile = dlsym(RTLD_DEFAULT, "hak_heap_profile_stop");
    *(void **)&dump_profile = dlsym(RTLD_DEFAULT, "hak_heap_profile_dump");
    return start_profile != NULL && stop_profile != NULL && dump_profile != NULL;
}

int main(int arguments, char **argument)
{
    if (arguments < 3 || !find_functions())
        return 77;
    library = argument[1];
    directory = argument[2];
    signal(SIGALRM, waits_for_ever);
    pthread_atfork(prepare, follow, follow);
    run("the loader's list is held by who waits for an allocation", in_list);
    run("a profile is written by who holds the loader's list", dump_with_list);
    run("a library waits in its constructor and destructor for a thread that allocates", loads);
    run("the loader allocates a thread's storage of a library", thread_local_storage);
    run("a thread exits from within, and its handlers allocate", thread_exit);
    run("threads are cancelled while they allocate", cancelled);
    run("the first backtrace loads the unwinder", first_backtrace);
    run("a profile is written while the standard streams are locked", streams);
    run("handlers of a fork allocate, and wait for who does", fork_handlers);
    run("a child of a fork writes a profile while its parent was writing one", forks_while_dumping);
    run("a child of a fork has it off and on while its parent was switching", forks_while_switching);
    run("a child of a fork writes a profile while its parent held the loader's list", children_of_the_list);
    run("children of a fork end with a profile", children_exit);
    run("a signal handler writes a profile whatever it interrupts", signals);
    printf("1..%d\n", number);
    fflush(stdout);
    now = "the end, while others allocate";
    alarm(SECONDS_MOST);
    pthread_t thread;
    for (int i = 0; i < 3; i++)
        pthread_create(&thread, NULL, never_ends, NULL);
    while (going < 3)
        usleep(1000);
    return failures != 0;
}
