/* SPDX-License-Identifier: MIT */
/* Runs a command and tells what it took, together with every process that came of it: the peak of resident memory and
 * the processor time. And keeps hold of these processes: none of them is there any more when this program ends, however
 * it is ended (but by SIGKILL).
 *
 * The peak is the larger one of two figures. The one is the largest resident set of a single process, which the kernel
 * keeps exactly. The other is the largest sum of the proportional sets of all processes at one moment, in which memory
 * that several of them share counts once; it is sampled, and only while there are several. So a command that is one
 * process is measured exactly, and costs no samples.
 *
 * One thread. It is started small, and is not preloaded: what a process forked from it has resident before exec is no
 * more than 2 MiB. */
#include "config.h"

#include "bench/process_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STATUS_FAILED = 125, STATUS_USAGE = 2, STATUS_LIMIT = 124, STATUS_NOT_FOUND = 127, STATUS_SIGNAL = 128 };

/* Between two samples lies as much as this, or SAMPLE_SHARE times what the last one took, so that sampling takes a
 * small share of a processor. */
#define SAMPLE_NANOSECONDS 10000000
#define SAMPLE_SHARE 20
/* What a process has to end by itself, before it is killed. */
#define GRACE_NANOSECONDS 5000000000

struct options {
    const char *output;  /* where the figures go; NULL: nothing is measured */
    const char *preload; /* LD_PRELOAD of the command */
    double limit;        /* seconds; 0: none */
    char **command;
};

struct run {
    pid_t child;
    bool ended;             /* the command itself; what it left may still run */
    int status;             /* as a shell would say it */
    uint64_t peak_together; /* bytes: the largest sum so far */
    int64_t next_sample;
    int64_t deadline; /* of the whole run; INT64_MAX: none */
    int64_t kill_at;  /* when what still runs is killed; 0: it has not been told to end */
};

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static void __attribute__((noreturn, format(printf, 2, 3))) fail(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench/peak: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(status);
}

static void print_help(void)
{
    printf(
        "Usage: bench/peak [OPTION...] COMMAND [ARGUMENT...]\n"
        "Runs COMMAND, and ends every process that it leaves behind. Exit status: COMMAND's, or 128 and the signal.\n"
        "\n"
        "  --output FILE      write one line: peak resident bytes, user seconds, system seconds, of all its processes; "
        "exit status\n"
        "  --preload FILE.so  LD_PRELOAD of COMMAND\n"
        "  --limit SECONDS    end it then, with status %d\n"
        "  --help\n",
        STATUS_LIMIT);
}

static double parse_limit(const char *text)
{
    char *end;
    double limit = strtod(text, &end);
    if (end == text || *end || !(limit > 0 && limit < 1e6))
        fail(STATUS_USAGE, "--limit %s: expected a number of seconds above 0", text);
    return limit;
}

static struct options parse_options(int count, char **arguments)
{
    static const struct option table[] = {{"output", required_argument, NULL, 'o'},
                                          {"preload", required_argument, NULL, 'p'},
                                          {"limit", required_argument, NULL, 'l'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    struct options options = {0};
    opterr = 0;
    for (int option; (option = getopt_long(count, arguments, "+:", table, NULL)) != -1;) {
        switch (option) {
        case 'o':
            options.output = optarg;
            break;
        case 'p':
            options.preload = optarg;
            break;
        case 'l':
            options.limit = parse_limit(optarg);
            break;
        case 'h':
            print_help();
            exit(0);
        case ':':
            fail(STATUS_USAGE, "%s needs a value; --help shows all options", arguments[optind - 1]);
        default:
            fail(STATUS_USAGE, "%s: unknown option; --help shows all", arguments[optind - 1]);
        }
    }
    options.command = arguments + optind;
    if (!*options.command)
        fail(STATUS_USAGE, "which command? --help shows all options");
    return options;
}

static void do_nothing(int signal)
{
    (void)signal;
}

/* The signals that the loop below waits for. They have a handler, since one that is ignored (as SIGINT is by what a
 * shell runs in the background) is not waited for either. */
static sigset_t block_signals(void)
{
    static const int awaited[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
    sigset_t set;
    sigemptyset(&set);
    for (size_t index = 0; index < sizeof(awaited) / sizeof(*awaited); index++) {
        signal(awaited[index], do_nothing);
        sigaddset(&set, awaited[index]);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    return set;
}

static void __attribute__((noreturn)) become(const struct options *options, const sigset_t *blocked)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0); /* the terminal's Ctrl-C is for the one who started us, and comes to COMMAND by us */
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, blocked, NULL);
    if (options->preload && setenv("LD_PRELOAD", options->preload, 1) != 0)
        fail(STATUS_FAILED, "LD_PRELOAD: %s", strerror(errno));
    execvp(*options->command, options->command);
    fail(STATUS_NOT_FOUND, "%s: %s", *options->command, strerror(errno));
}

static void start(struct run *run, const struct options *options, const sigset_t *blocked)
{
    /* Processes whose parents end become ours, and so their processor time as well. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    run->child = fork();
    if (run->child < 0)
        fail(STATUS_FAILED, "cannot start a process: %s", strerror(errno));
    if (run->child == 0)
        become(options, blocked);
    run->deadline = options->limit > 0 ? now() + (int64_t)(options->limit * 1e9) : INT64_MAX;
}

/* Takes all that ended; returns whether any process is left. */
static bool reap(struct run *run)
{
    for (;;) {
        int status;
        pid_t process = waitpid(-1, &status, WNOHANG);
        if (process <= 0)
            return process == 0;
        if (process != run->child)
            continue;
        run->ended = true;
        if (!run->status)
            run->status = WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

/* To all processes. The command's group is named as well, for a kernel that does not list children in /proc. */
static void signal_all(const struct run *run, int signal)
{
    if (!run->ended)
        kill(-run->child, signal);
    process_tree_signal(signal);
}

static void tell_to_end(struct run *run)
{
    if (run->kill_at)
        return;
    signal_all(run, SIGTERM);
    run->kill_at = now() + GRACE_NANOSECONDS;
}

static void sample(struct run *run)
{
    int64_t start = now();
    uint64_t together = process_tree_proportional_bytes();
    if (together > run->peak_together)
        run->peak_together = together;
    int64_t took = now() - start;
    run->next_sample = start + (took * SAMPLE_SHARE > SAMPLE_NANOSECONDS ? took * SAMPLE_SHARE : SAMPLE_NANOSECONDS);
}

/* One turn: waits for a signal, or for the time of the next sample. */
static void turn(struct run *run, const struct options *options, const sigset_t *awaited)
{
    struct timespec pause = {.tv_nsec = SAMPLE_NANOSECONDS};
    int signal = sigtimedwait(awaited, NULL, &pause);
    if (signal > 0 && signal != SIGCHLD && !run->status) {
        run->status = STATUS_SIGNAL + signal;
        tell_to_end(run);
    }
    if (now() >= run->deadline && !run->status) {
        run->status = STATUS_LIMIT;
        tell_to_end(run);
    }
    if (run->ended)
        tell_to_end(run);
    if (run->kill_at && now() >= run->kill_at)
        signal_all(run, SIGKILL);
    if (options->output && !run->ended && now() >= run->next_sample)
        sample(run);
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void write_figures(const struct options *options, const struct run *run)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    uint64_t alone = (uint64_t)usage.ru_maxrss * 1024;
    FILE *file = fopen(options->output, "w");
    if (!file)
        fail(STATUS_FAILED, "%s: %s", options->output, strerror(errno));
    fprintf(file, "%llu %.6f %.6f %d\n", (unsigned long long)(alone > run->peak_together ? alone : run->peak_together),
            seconds(usage.ru_utime), seconds(usage.ru_stime), run->status);
    if (fclose(file) != 0)
        fail(STATUS_FAILED, "%s: %s", options->output, strerror(errno));
}

int main(int count, char **arguments)
{
    struct options options = parse_options(count, arguments);
    struct run run = {0};
    pid_t parent = getppid();
    sigset_t awaited = block_signals();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        return STATUS_SIGNAL + SIGTERM;
    start(&run, &options, &awaited);
    while (reap(&run))
        turn(&run, &options, &awaited);
    if (options.output)
        write_figures(&options, &run);
    return run.status;
}
