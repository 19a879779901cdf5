/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See table.h. */
#include "config.h"

#include "cli/options/table.h"

#include "cli/metric/metric.h"
#include "cli/options/checks.h"
#include "cli/options/completion.h"
#include "cli/output/format.h"
#include "cli/race/race.h"

#include <limits.h>

/* What hakmem-bench takes at most. */
#define MOST_OPERATIONS UINT64_C(1000000000000000)
#define MOST_THREADS 1024

#define MOST_OUTPUTS 8

/* Sets of verbs. */
#define TUNE VERB_BIT(VERB_TUNE)
#define COMPARE VERB_BIT(VERB_COMPARE)
#define REPORT VERB_BIT(VERB_REPORT)
#define PARAMS VERB_BIT(VERB_PARAMS)
#define INSPECT VERB_BIT(VERB_INSPECT)
#define RUNS (TUNE | COMPARE)
#define LISTS (VERB_BIT(VERB_WORKLOADS) | VERB_BIT(VERB_TOPOLOGY))

/* Of whatever is a command in one word. */
#define COMMAND_LINES                                                                                            \
    "Blanks separate its words, and quotes hold them together; where a shell would do more with it, it goes to " \
    "/bin/sh. {dir} and {port} in it stand for a directory and a port of the run's own."

/* What every row says, and after it what it says besides. The field in struct options has to be of the kind's type. */
#define ROW(NAME, VERBS, GROUP, KIND, FIELD, DESCRIPTION, ...)                                  \
    {                                                                                           \
        .name = NAME, .verbs = VERBS, .group = GROUP, .kind = KIND, .description = DESCRIPTION, \
        .offset = offsetof(struct options, FIELD) + CHECK_##KIND(FIELD), __VA_ARGS__            \
    }
#define IS_OF(type, field) (0 * sizeof(char[_Generic(&((struct options *)0)->field, type * : 1)]))
#define CHECK_OPTION_SWITCH(field) IS_OF(bool, field)
#define CHECK_OPTION_TEXT(field) IS_OF(const char *, field)
#define CHECK_OPTION_NAME(field) IS_OF(const char *, field)
#define CHECK_OPTION_LIST(field) IS_OF(struct option_list, field)
#define CHECK_OPTION_CHOICE(field) IS_OF(int, field)
#define CHECK_OPTION_NUMBER(field) IS_OF(uint64_t, field)
#define CHECK_OPTION_DURATION(field) IS_OF(double, field)
#define CHECK_OPTION_PERCENT(field) IS_OF(double, field)

const char *const option_groups[GROUPS] = {
    [GROUP_WORK] = "What is run",           [GROUP_SERVER] = "A server under load", [GROUP_GOAL] = "What is wanted",
    [GROUP_MEASURE] = "How it is measured", [GROUP_RESULT] = "What is written",     [GROUP_PROGRAM] = "Of every verb",
};

const char option_workload_words[] =
    "ws256 ws8192 ws65536 ws1048576 larson mstress producer-consumer pipeline short-threads idle-threads cache-scratch "
    "cache-thrash batch-fifo400 batch-lifo400 fragmentation phases realloc large key-value json after-peak degradation";

const char option_metric_words[] =
    "cost time cpu-time peak-memory mean-memory idle-memory latency-p50 latency-p99 latency-p99.9 latency-p99.99 "
    "minor-faults instructions cache-misses tlb-misses";

/* --- choices ------------------------------------------------------------------------------------------------------ */

static const struct option_choice betters[] = {
    {"lower", OPTION_BETTER_LOWER}, {"higher", OPTION_BETTER_HIGHER}, {NULL, 0}};
static const struct option_choice strategies[] = {{"local", 0}, {"sobol", 0}, {"random", 0}, {NULL, 0}};
static const struct option_choice interleaves[] = {{"slice", RACE_SLICES}, {"run", RACE_RUNS}, {NULL, 0}};

static const struct option_choice shells[] = {
    {"bash", COMPLETION_BASH}, {"zsh", COMPLETION_ZSH}, {"fish", COMPLETION_FISH}, {NULL, 0}};

static const struct option_choice formats[] = {{"text", OUTPUT_TEXT}, {"json", OUTPUT_JSON}, {NULL, 0}};
static const struct option_choice compare_formats[] = {
    {"text", OUTPUT_TEXT}, {"json", OUTPUT_JSON}, {"markdown", OUTPUT_MARKDOWN}, {"csv", OUTPUT_CSV}, {NULL, 0}};
static const struct option_choice report_formats[] = {{"text", OUTPUT_TEXT},         {"json", OUTPUT_JSON},
                                                      {"markdown", OUTPUT_MARKDOWN}, {"csv", OUTPUT_CSV},
                                                      {"html", OUTPUT_HTML},         {NULL, 0}};
static const struct option_choice params_formats[] = {{"text", OUTPUT_TEXT},         {"json", OUTPUT_JSON},
                                                      {"markdown", OUTPUT_MARKDOWN}, {"csv", OUTPUT_CSV},
                                                      {"man", OUTPUT_MAN},           {NULL, 0}};

/* --- options ------------------------------------------------------------------------------------------------------ */

/* In the order of the documents and of --print-job: by group, and where verbs differ by verb. */
const struct option_row option_rows[] = {
    ROW("job", RUNS, GROUP_WORK, OPTION_TEXT, job, "what is run, and how, in a file; see JOB FILES in hakmem-tune(1)",
        .argument = "FILE", .completion = COMPLETE_FILES,
        .details =
            "With tune the file may be an argument: `hakmem-tune my-server.job.yaml`. A name without a directory "
            "and without .yaml is one of the jobs that came with hakmem-tune. Options on the command line win over "
            "those of the file."),
    ROW("workload", TUNE, GROUP_WORK, OPTION_TEXT, workload,
        "a workload of hakmem-bench, see 'hakmem-tune workloads'; with 2 threads NAME:2", .argument = "NAME",
        .completion = COMPLETE_WORKLOAD, .key = "workload", .instead = INSTEAD_OF_WORK,
        .details = "Instead of it: `--` and a command, which does a fixed piece of work and exits with status 0. One "
                   "run has to end within a quarter of the budget, and the shortest session takes some two dozen."),
    ROW("workload", COMPARE, GROUP_WORK, OPTION_TEXT, workload,
        "workloads of hakmem-bench, with one comparison for each; instead of it: `--` and a command",
        .argument = "NAME[,NAME...]", .completion = COMPLETE_WORKLOADS, .key = "workload", .instead = INSTEAD_OF_WORK),
    ROW("ops", TUNE | COMPARE, GROUP_WORK, OPTION_NUMBER, operations, "operations of each thread of the workload",
        .argument = "NUMBER", .least = 1, .most = MOST_OPERATIONS, .default_text = "the workload's own", .key = "ops"),
    ROW("threads", TUNE | COMPARE, GROUP_WORK, OPTION_NUMBER, threads, "threads of the workload", .argument = "NUMBER",
        .least = 1, .most = MOST_THREADS, .default_text = "the workload's own", .key = "threads"),
    ROW("prepare", RUNS, GROUP_WORK, OPTION_TEXT, prepare, "before each run, of a command or a server, and not timed",
        .argument = "COMMAND", .key = "prepare", .check = check_command_line, .details = COMMAND_LINES),
    ROW("cwd", RUNS, GROUP_WORK, OPTION_TEXT, cwd, "where a command or a server works", .argument = "DIR",
        .completion = COMPLETE_FILES, .default_text = "the current directory", .key = "cwd", .paths = PATHS_ONE),
    ROW("env", RUNS, GROUP_WORK, OPTION_LIST, env,
        "for the environment of a command or a server and all beside it; may be repeated", .argument = "NAME=VALUE",
        .key = "env", .check = check_assignment),
    ROW("stdin", RUNS, GROUP_WORK, OPTION_TEXT, stdin_path, "what a command, or a server's load, reads in each run",
        .argument = "FILE", .completion = COMPLETE_FILES, .default_text = "/dev/null", .key = "stdin",
        .paths = PATHS_ONE,
        .details = "The standard input of hakmem-tune itself is not passed on, as each run needs all of it."),
    ROW("timeout", RUNS, GROUP_WORK, OPTION_DURATION, timeout,
        "for a run of a command or a load; what takes longer is killed, and has failed", .argument = "DURATION",
        .default_text = "ten times the default's run, or a minute", .key = "timeout"),
    ROW("ok-status", RUNS, GROUP_WORK, OPTION_TEXT, ok_status,
        "exit statuses, besides 0, of a command or a load that are no failure", .argument = "STATUS[,STATUS...]",
        .key = "ok-status", .check = check_statuses),
    ROW("server", RUNS, GROUP_SERVER, OPTION_TEXT, server,
        "what serves, in the foreground; instead of a workload or a command", .argument = "COMMAND", .key = "server",
        .instead = INSTEAD_OF_WORK, .check = check_command_line,
        .details = "It is started anew for each run. The time is that of the --load, the memory that of the server and "
                   "all that it has started. " COMMAND_LINES),
    ROW("load", RUNS, GROUP_SERVER, OPTION_TEXT, load, "what gives the server a fixed piece of work, and ends",
        .argument = "COMMAND", .key = "load", .check = check_command_line,
        .details = "It runs without the library that is measured."),
    ROW("ready", RUNS, GROUP_SERVER, OPTION_TEXT, ready, "when the server may be given its load",
        .argument = "tcp:PORT|exec:COMMAND|log:REGEX", .default_text = "tcp:{port} where a command has it",
        .key = "ready", .check = check_ready,
        .details = "When PORT of this machine accepts connections, when COMMAND, which is run again and again, exits "
                   "with status 0, or when a line that the server writes matches the extended regular expression "
                   "REGEX."),
    ROW("warm-up", RUNS, GROUP_SERVER, OPTION_TEXT, warm_up, "once the server is ready, and not timed",
        .argument = "COMMAND", .key = "warm-up", .check = check_command_line),
    ROW("idle", RUNS, GROUP_SERVER, OPTION_DURATION, idle,
        "how long the server runs after its load, before its memory is measured once more", .argument = "DURATION",
        .key = "idle"),
    ROW("stop", RUNS, GROUP_SERVER, OPTION_TEXT, stop, "what ends the server", .argument = "SIGNAL",
        .default_value = "TERM", .key = "stop", .check = check_signal),
    ROW("start-timeout", RUNS, GROUP_SERVER, OPTION_DURATION, start_timeout, "for the server to be ready",
        .argument = "DURATION", .default_value = "30s", .key = "start-timeout"),
    ROW("stop-timeout", RUNS, GROUP_SERVER, OPTION_DURATION, stop_timeout, "for the server to end after the signal",
        .argument = "DURATION", .default_value = "10s", .key = "stop-timeout"),
    ROW("allocator", TUNE, GROUP_MEASURE, OPTION_TEXT, allocator,
        "what is tuned: hakmem, or the settings of glibc, jemalloc, mimalloc or tcmalloc; FILE.so, NAME=FILE.so; or "
        "all that are installed",
        .argument = "NAME[,NAME...]|installed", .default_value = "hakmem", .completion = COMPLETE_FILES,
        .key = "allocator", .paths = PATHS_SEVERAL,
        .details =
            "Settings that are environment variables are searched as 'hakmem-tune params --allocator NAME' "
            "prints them, as far as the installed version has them. The baseline is the allocator as it comes: "
            "its variables in the environment of hakmem-tune do not count. Before the search it is asked whether "
            "it takes its settings; one that it does not take is an error. A FILE.so is known by its name, or "
            "with NAME=FILE.so by yours; FILE.yaml describes another allocator. Saved is WORK-NAME.env: "
            "environment variables after comments that say what was measured, for systemd's EnvironmentFile=, "
            "docker's `--env-file` or a shell. Several race as they come first; as long as there is time, those that "
            "may be "
            "the best are tuned, the most promising first; then all race each other on unseen seeds, as they come and "
            "as tuned, against the first (of those that are installed the C library's own): one table, corrected for "
            "their number. Who was left as it comes is said, with a budget that has time for all. The settings of the "
            "best are printed, and saved as WORK.env, or as the profile WORK.yaml where it is hakmem, tuned; what "
            "tuning won for each is WORK-NAME.env."),
    ROW("allocator", PARAMS, GROUP_WORK, OPTION_TEXT, allocator,
        "whose settings: hakmem, glibc, jemalloc, mimalloc, tcmalloc, or a FILE.yaml that describes another",
        .argument = "NAME", .default_value = "hakmem", .completion = COMPLETE_FILES),
    ROW("objective", TUNE, GROUP_GOAL, OPTION_TEXT, objective,
        "what is to be best: a metric, one of your own included, or `front`", .argument = "METRIC",
        .default_value = "cost" /* at which the others have their price */, .completion = COMPLETE_METRIC,
        .key = "objective",
        .details =
            "`time` is that of the same work; `peak-memory`, `mean-memory` and `idle-memory` (of a --server after "
            "--idle) "
            "are resident bytes of all processes, a server's without its load; `latency-p50` to `latency-p99.99` are "
            "of "
            "the calls of a workload of hakmem-bench; then there are `cpu-time`, `minor-faults` and, where the machine "
            "counts them, `instructions`, `cache-misses` and `tlb-misses`. `cost` is the CPU time and, at the price "
            "that "
            "--core-worth says, the mean memory for as long as the work takes. With cost the proof tests two more "
            "profiles, the ends of the front: the fastest and the smallest (by its peak) within the limits. They are "
            "saved beside the recommended one, as NAME-fastest and NAME-smallest, where they are significantly better "
            "than the default in that and the recommended one is not as good; where time is short the recommended one "
            "comes first. `front` is the same, but "
            "the search looks for all three in turn. An older name of time is `throughput`, of peak-memory `rss`."),
    ROW("objective", COMPARE, GROUP_GOAL, OPTION_TEXT, objective, "the metric that the verdict is about",
        .argument = "METRIC", .default_value = "time", .completion = COMPLETE_METRIC, .key = "objective",
        .details = "All metrics that are known are in the results as JSON and CSV."),
    ROW("limit", TUNE, GROUP_GOAL, OPTION_LIST, limits,
        "how much worse than the default the winner may be in a metric, or none for as much as it likes; may be "
        "repeated",
        .argument = "METRIC=PERCENT",
        .default_text = "peak-memory=100 for the fastest, time=5 for the smallest, none for cost", .key = "limit",
        .details = "Twice the memory is peak-memory=100. A limit is tested, not estimated: the bad end of the interval "
                   "keeps to it. The defaults are those of any objective that is not the cost: a memory has that of "
                   "time, counts of events have both, all others that of the peak."),
    ROW("max-rss-growth", TUNE, GROUP_GOAL, OPTION_PERCENT, max_rss_growth, "the same as --limit peak-memory=PERCENT",
        .argument = "PERCENT", .has_none = true, .key = "max-rss-growth"),
    ROW("max-slowdown", TUNE, GROUP_GOAL, OPTION_PERCENT, max_slowdown, "the same as --limit time=PERCENT",
        .argument = "PERCENT", .has_none = true, .key = "max-slowdown"),
    ROW("core-worth", TUNE | COMPARE, GROUP_GOAL, OPTION_TEXT, core_worth,
        "how much memory costs as much as one core, for the cost", .argument = "SIZE", .default_value = "7.5GiB",
        .key = "core-worth",
        .details = "Clouds that rent machines of any shape charge for a virtual CPU about what they charge for so much "
                   "memory. Where memory is what you are short of, give less."),
    ROW("metric", TUNE | COMPARE, GROUP_GOAL, OPTION_LIST, metrics,
        "a figure that the command or the load prints; may be repeated",
        .argument = "NAME[,higher|lower][,last|sum|mean|max]=REGEX", .most = METRIC_MOST_OWN, .key = "metric",
        .details =
            "The first group of the extended regular expression is the number: of the last match, or the sum, "
            "mean or greatest of all. It is measured in every run, and can be the --objective or have a --limit. "
            "--interleave is `run` then, unless it is given, as what is printed often counts the time that others run. "
            "With compare a NAME alone is the same as "
            "--objective NAME."),
    ROW("better", TUNE | COMPARE, GROUP_GOAL, OPTION_CHOICE, better,
        "which is better, of each --metric that does not say", .choices = betters, .default_value = "lower",
        .key = "better"),
    ROW("require-gain", TUNE, GROUP_GOAL, OPTION_PERCENT, require_gain,
        "exit with status 4 where less than this is proved to be won", .argument = "PERCENT", .key = "require-gain",
        .details =
            "It is the lower end of the winner's 95% interval in the objective, on unseen seeds, that has to "
            "reach PERCENT; no winner is less than any. Of several allocators it is that of the recommended one over "
            "the first as it comes. What was found is reported and saved all the same."),
    ROW("fail-if-worse", COMPARE, GROUP_GOAL, OPTION_PERCENT, fail_if_worse,
        "exit with status 4 where a contender is proven worse than the baseline by more than this, on any workload",
        .argument = "PERCENT", .key = "fail-if-worse",
        .details = "It is where the verdict is worse (slower, larger) and the nearer end of the 95% interval is beyond "
                   "PERCENT of the baseline's speed or memory; so noise alone does not fail a build. Where an interval "
                   "reaches beyond PERCENT with its other end alone, or there are too few rounds, it cannot be told: a "
                   "line on standard error says so, and the status is 0."),
    ROW("library", TUNE | COMPARE, GROUP_MEASURE, OPTION_TEXT, library, "the libhakmem.so that runs under the profiles",
        .argument = "FILE", .completion = COMPLETE_FILES, .default_text = "the one that came with hakmem-tune",
        .key = "library", .paths = PATHS_ONE),
    ROW("budget", TUNE, GROUP_MEASURE, OPTION_DURATION, budget, "time for everything, the proof included: 90s, 10m",
        .argument = "DURATION", .default_value = "60s" /* finds what is worth a few percent */, .key = "budget",
        .instead = INSTEAD_OF_DURATION),
    ROW("budget", COMPARE, GROUP_MEASURE, OPTION_DURATION, budget, "time for each workload", .argument = "DURATION",
        .default_value = "10s" /* ten races of two on a workload of a second */, .key = "budget",
        .instead = INSTEAD_OF_DURATION,
        .details =
            "The work of a race is made to fit, unless --ops fixes it or --objective `peak-memory` asks "
            "for that of the workload as it is. A command that takes long may exceed it: it is run at least once."),
    ROW("trials", TUNE, GROUP_MEASURE, OPTION_NUMBER, trials,
        "candidates after which the search stops, instead of a budget", .argument = "NUMBER", .least = 1,
        .most = INT_MAX, .key = "trials", .instead = INSTEAD_OF_DURATION,
        .details = "The proof then takes about as long as the search did."),
    ROW("rounds", COMPARE, GROUP_MEASURE, OPTION_NUMBER, rounds, "races for each workload, instead of a budget",
        .argument = "NUMBER", .least = 1, .most = UINT_MAX, .key = "rounds", .instead = INSTEAD_OF_DURATION,
        .details = "Without --budget there is no limit of time."),
    ROW("strategy", TUNE, GROUP_MEASURE, OPTION_NAME, strategy,
        "a Sobol sequence with refinement around the best, or without it, or random numbers", .choices = strategies,
        .default_value = "local", .key = "strategy"),
    ROW("seed", TUNE | COMPARE, GROUP_MEASURE, OPTION_NUMBER, seed,
        "of the random numbers of the workload and of the search", .argument = "NUMBER", .most = INT64_MAX,
        .default_value = "1", .key = "seed"),
    ROW("interleave", TUNE | COMPARE, GROUP_MEASURE, OPTION_CHOICE, interleave,
        "turns of milliseconds, or whole runs: for all that wait for the world", .choices = interleaves,
        .default_value = "slice", .key = "interleave",
        .details = "Turns are made by stopping and continuing processes. Commands that wait for others, or for "
                   "timers, need whole runs in alternation; their intervals are wider. A --server and its --load are "
                   "stopped and continued as one, and take turns well; what the load itself prints of its times is "
                   "right in whole runs alone. In turns, all contenders of a race have their memory at the same time. "
                   "Where the machine, or the control group, has too little for that, fewer run at once, or whole runs "
                   "are made, and that is said."),
    ROW("once", INSPECT, GROUP_MEASURE, OPTION_SWITCH, once,
        "one look, printed, in place of a table that renews itself",
        .details = "So it is where the output is no terminal, and with --map and every --format but text."),
    ROW("interval", INSPECT, GROUP_MEASURE, OPTION_DURATION, interval, "from one look to the next",
        .argument = "DURATION", .default_value = "1s",
        .details =
            "Where it is given with one look, there is a second one so much later, and the rates are those between "
            "the two; else there are none."),
    ROW("output", TUNE, GROUP_RESULT, OPTION_TEXT, output, "the profile", .argument = "FILE",
        .completion = COMPLETE_FILES, .default_text = "the workload's or the command's name with .yaml",
        .key = "output", .paths = PATHS_ONE,
        .details = "Where none is better it is the default, unless a profile is there already: that stays. With - the "
                   "profile goes to standard output, and the report to standard error. Without --output it has the "
                   "name of the workload, or of the command without its directories, in the current directory; "
                   "characters that file names had better not have become `-`. A link stays a link. A profile that is "
                   "replaced is kept as FILE.~1~, or with the next number that is free; a file that is no profile is "
                   "not replaced."),
    ROW("output", COMPARE, GROUP_RESULT, OPTION_LIST, outputs,
        "also into FILE, whose name ends in .txt, .json, .md or .csv; may be repeated", .argument = "FILE",
        .completion = COMPLETE_FILES, .key = "output", .paths = PATHS_ONE, .details = "At most 8 files are written.",
        .most = MOST_OUTPUTS),
    ROW("output", REPORT, GROUP_RESULT, OPTION_TEXT, output, "where it is written", .letter = 'o', .argument = "FILE",
        .completion = COMPLETE_FILES, .default_text = "standard output"),
    ROW("report", RUNS, GROUP_RESULT, OPTION_TEXT, report,
        "also the whole report, with charts, as one HTML file that needs no network", .argument = "FILE",
        .completion = COMPLETE_FILES, .key = "report", .paths = PATHS_ONE,
        .details = "It is what `hakmem-tune report` makes of the journal. With several allocators it has a part for "
                   "each session, and the race of all. After Ctrl-C it shows how far the session got. A file that is "
                   "there already is replaced."),
    ROW("journal", TUNE, GROUP_RESULT, OPTION_TEXT, journal, "every trial as a line of JSON, written when it ends",
        .argument = "FILE", .completion = COMPLETE_FILES, .default_text = "beside the profile, NAME.journal",
        .key = "journal", .paths = PATHS_ONE,
        .details = "A journal that is there already is kept under a number, as a profile is."),
    ROW("resume", TUNE, GROUP_RESULT, OPTION_SWITCH, resume,
        "go on from the journal of an earlier session, with the same options",
        .details =
            "One that was interrupted goes on where it was; one that came to its end is extended, if it is given a "
            "longer --budget (for all of it) or more --trials: its candidates are known, and the new proof runs on "
            "seeds of its own. The journal's first line has a fingerprint of the library, of the program, of the "
            "settings that are searched, of the kernel with its settings for huge pages, and of the limits on memory "
            "and processors: where one of them has changed, that is named, and the session does not go on. Of several "
            "allocators those whose sessions came to their end are taken as they are, one that was interrupted goes "
            "on, and the races are held anew."),
    ROW("format", TUNE, GROUP_RESULT, OPTION_CHOICE, format, "of the result", .choices = compare_formats,
        .default_value = "text", .key = "format",
        .details = "In JSON, here and with compare, a ratio is that of a figure to the baseline's: of a speed, more is "
                   "faster, of memory, more is larger. Where there is no result it is an object with `type` (failure), "
                   "`status` and `message`."),
    ROW("format", REPORT, GROUP_RESULT, OPTION_CHOICE, format, "of the report", .choices = report_formats,
        .default_text = "by the ending of --output: .txt, .json, .md, .csv or .html, else text"),
    ROW("format", LISTS, GROUP_RESULT, OPTION_CHOICE, format, "of the output", .choices = formats,
        .default_value = "text"),
    ROW("format", COMPARE, GROUP_RESULT, OPTION_CHOICE, format, "of the result", .choices = compare_formats,
        .default_value = "text", .key = "format"),
    ROW("format", INSPECT, GROUP_RESULT, OPTION_CHOICE, format, "of the look", .choices = compare_formats,
        .default_value = "text", .details = "As CSV it is the table of the size classes alone."),
    ROW("map", INSPECT, GROUP_RESULT, OPTION_TEXT, map,
        "a picture of the heap into FILE, whose name ends in .svg or .html", .argument = "FILE",
        .completion = COMPLETE_FILES,
        .details = "Each SuperSlab is a row, each slab a cell with the colour of its size class, filled as far as its "
                   "blocks are in use. Nothing is printed then, unless --once or --format is given."),
    ROW("format", PARAMS, GROUP_RESULT, OPTION_CHOICE, format, "of the table", .choices = params_formats,
        .default_value = "text"),
    ROW("print-job", RUNS, GROUP_RESULT, OPTION_SWITCH, print_job,
        "nothing is run: the job file that the command line amounts to",
        .details = "It has what differs from the "
                   "defaults. Paths in it are from the current directory: that is where it is to be saved."),
    ROW("explain", TUNE | REPORT, GROUP_RESULT, OPTION_SWITCH, explain, "also which changed value brings how much",
        .key = "explain",
        .details =
            "The best candidate ran against copies of itself, in each of which one change is taken back: for "
            "each change the objective without it, with an interval of two standard errors, and whether the "
            "winner still has the change. It is from races of a few seconds, made before the proof, and is a "
            "guide, no proof. "
            "The JSON and the journal have it in any case. Of several allocators it is that of the recommended one."),
    ROW("quiet", TUNE | COMPARE, GROUP_RESULT, OPTION_SWITCH, quiet, "no progress on standard error"),
    ROW("help", VERBS_ALL, GROUP_PROGRAM, OPTION_SWITCH, help,
        "what the verb does and its options; without a verb a summary", .letter = 'h', .ends_line = true),
    ROW("version", VERBS_ALL, GROUP_PROGRAM, OPTION_SWITCH, version, "the version", .letter = 'V', .ends_line = true),
    ROW("print-completion", VERBS_ALL, GROUP_PROGRAM, OPTION_CHOICE, print_completion,
        "a script by which the shell completes the words of a command line", .choices = shells, .ends_line = true),
    ROW("print-manual", VERBS_ALL, GROUP_PROGRAM, OPTION_SWITCH, print_manual, "the options for the manual page",
        .ends_line = true, .hidden = true),
};

const size_t option_row_count = sizeof option_rows / sizeof *option_rows;
_Static_assert(sizeof option_rows / sizeof *option_rows <= OPTIONS_MOST,
               "given[] of struct options has a place for each");

bool option_given_at(const struct options *options, size_t offset)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].offset == offset && options->given[i])
            return true;
    return false;
}
