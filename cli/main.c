/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune: from the verb to its function. All else is below: cli/verbs. */
#include "config.h"

#include "cli/verbs/options.h"
#include "cli/verbs/tune.h"
#include "cli/verbs/verbs.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
};

static const struct verb verbs[] = {
    {"tune", verb_tune},     {"compare", verb_compare},     {"check", verb_check},
    {"params", verb_params}, {"workloads", verb_workloads}, {"topology", verb_topology},
};

/* Planned, and refused by name rather than taken for something else. */
static const char *const absent_verbs[] = {"record", "classes", "report", "inspect"};

static const char help[] =
    "Usage: hakmem-tune [tune] --workload NAME | -- COMMAND [ARGUMENT...]   search a better profile, prove it, save "
    "it\n"
    "       hakmem-tune compare CONTENDER CONTENDER... --workload NAME[,NAME...] | -- COMMAND [ARGUMENT...]\n"
    "       hakmem-tune check PROFILE...     are profiles good, and good for this machine?\n"
    "       hakmem-tune params               the parameters of a profile\n"
    "       hakmem-tune workloads            what can be measured\n"
    "       hakmem-tune topology             caches, TLB, cores and memory of this machine\n"
    "\n"
    "tune:\n"
    "  --workload NAME            a workload of hakmem-bench, or with threads NAME:2; instead of it: -- COMMAND "
    "[ARGUMENT...]\n"
    "  --objective WHAT           throughput (default) or rss (peak resident memory)\n"
    "  --max-rss-growth PERCENT   with throughput: how much more memory the winner may take (default 100; or none)\n"
    "  --max-slowdown PERCENT     with rss: how much slower the winner may be (default 5)\n"
    "  --budget DURATION          time for all, proof included: 90s, 10m (default 60s)\n"
    "  --trials NUMBER            stop after so many candidates, whatever time they take, instead of a budget\n"
    "  --strategy NAME            local (default), sobol or random\n"
    "  --seed NUMBER              of the search and the workload (default 1)\n"
    "  --interleave slice|run     take turns of milliseconds (default), or whole runs: for servers and all that wait "
    "for the world\n"
    "  --output FILE              the profile (default: the workload's or the command's name with .yaml)\n"
    "  --journal FILE, --resume   every trial as a line of JSON (default: beside the profile, NAME.journal); go on "
    "from there\n"
    "  --library FILE             the libhakmem.so to tune\n"
    "  --format text|json         of the result\n"
    "  --quiet                    no progress\n"
    "\n"
    "compare: the first CONTENDER is the baseline. A CONTENDER is a profile (path or name), default (the built-in "
    "profile),\n"
    "lib:FILE.so, or lib:jemalloc, lib:mimalloc, lib:tcmalloc, lib:glibc for a peer on this machine; LABEL=CONTENDER "
    "names it.\n"
    "  --workload NAME[,NAME...]  workloads of hakmem-bench; instead of them: -- COMMAND [ARGUMENT...]\n"
    "  --budget DURATION          for each workload (default 10s)\n"
    "  --rounds NUMBER            races for each workload, instead of a budget\n"
    "  --metric throughput|rss    what decides (default throughput)\n"
    "  --ops NUMBER, --threads NUMBER   of the workload\n"
    "  --seed NUMBER, --interleave slice|run, --library FILE, --quiet   as for tune\n"
    "  --format text|json|markdown|csv\n"
    "  --output FILE              also into FILE.txt, .json, .md or .csv; may be repeated\n"
    "\n"
    "params takes --format text|json|markdown|csv|man, topology and workloads --format text|json.\n"
    "  --help, --version          also after a verb\n"
    "\n"
    "Examples:\n"
    "  hakmem-tune --workload ws8192 --output ws8192.yaml\n"
    "  hakmem-tune --budget 2m -- ./my-server --bench\n"
    "  hakmem-tune compare default my-server.yaml lib:jemalloc -- ./my-server --bench\n"
    "  LD_PRELOAD=libhakmem.so HAKMEM_PROFILE=$PWD/my-server.yaml ./my-server\n"
    "\n"
    "Exit status: 0 done (also when no profile is significantly better), 1 failed, 2 bad usage or bad profile,\n"
    "3 the workload's command failed under the default profile, 130 interrupted.\n";

/* Output that never arrived (a full disk) must not look like success. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    perror("hakmem-tune: cannot write the output");
    return status ? status : 1;
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(name, verbs[i].name) == 0)
            return &verbs[i];
    return NULL;
}

static int refuse_word(const char *word)
{
    for (size_t i = 0; i < sizeof absent_verbs / sizeof *absent_verbs; i++)
        if (strcmp(word, absent_verbs[i]) == 0)
            return usage_error("'%s' is not in this version", word);
    return usage_error(
        "unknown verb '%s' (tune, compare, check, params, workloads or topology; a command to tune goes after --)",
        word);
}

static bool is_one_of(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

/* Prints what --help or --version asks for, before everything else or just after VERB; whether either is there. */
static bool asks_for_text(int argc, char **argv, const struct verb *verb)
{
    const char *word = !verb ? argv[1] : argc > 2 ? argv[2] : "";
    bool wants_help = is_one_of(word, "--help", "-h") || (!verb && strcmp(word, "help") == 0);
    bool wants_version = is_one_of(word, "--version", "-V");
    if (wants_help)
        fputs(help, stdout);
    if (wants_version)
        puts("hakmem-tune (" PACKAGE_NAME ") " PACKAGE_VERSION);
    return wants_help || wants_version;
}

static int run(int argc, char **argv)
{
    if (argc < 2)
        return usage_error("nothing to do: give --workload NAME, or -- COMMAND");
    const struct verb *verb = find_verb(argv[1]);
    if (asks_for_text(argc, argv, verb))
        return 0;
    if (verb)
        return verb->run(argc - 1, argv + 1);
    if (argv[1][0] != '-')
        return refuse_word(argv[1]);
    return verb_tune(argc, argv);
}

int main(int argc, char **argv)
{
    return finish(run(argc, argv));
}
