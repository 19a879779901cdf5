/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs. See table.h. */
#include "config.h"

#include "cli/options/table.h"

#include <string.h>

#define PROFILE_WORDS "default throughput low-memory huge-pages guarded hardened-light hardened"

const struct verb_row verb_rows[VERBS] = {
    [VERB_TUNE] =
        {
            .name = "tune",
            .usage = {"[tune] [OPTION...] --workload NAME", "[tune] [OPTION...] -- COMMAND [ARGUMENT...]",
                      "[tune] [OPTION...] --server COMMAND --load COMMAND", "[tune] [OPTION...] JOB.yaml"},
            .summary = "search a better profile, prove it, save it (the default)",
            .description = "Searches the best profile for a workload on this machine, proves on fresh random\n"
                           "seeds that it is better than the default, and saves it.\n",
            .examples = "hakmem-tune --workload ws8192 --output ws8192.yaml\n"
                        "hakmem-tune --budget 2m -- ./my-program --bench\n"
                        "hakmem-tune --server 'my-server -p {port}' --load 'my-client -p {port}'\n"
                        "hakmem-tune my-server.job.yaml --budget 10m\n",
            .takes_command = true,
            .takes_job = true,
            .words = "",
        },
    [VERB_COMPARE] =
        {
            .name = "compare",
            .usage = {"compare [OPTION...] CONTENDER... --workload NAME[,NAME...]",
                      "compare [OPTION...] CONTENDER... -- COMMAND [ARGUMENT...]",
                      "compare [OPTION...] CONTENDER... --server COMMAND...",
                      "compare [OPTION...] CONTENDER... --job JOB.yaml"},
            .summary = "which profile or allocator is faster or smaller, how sure is it?",
            .description = "Races two or more contenders on the same work; the first is the baseline.\n"
                           "A CONTENDER is\n"
                           "  PROFILE        libhakmem under a profile: a path, or a name\n"
                           "  default        libhakmem under its built-in profile\n"
                           "  lib:FILE.so    another allocator\n"
                           "  lib:jemalloc, lib:mimalloc, lib:tcmalloc, lib:glibc\n"
                           "                 a peer that is installed on this machine\n"
                           "and LABEL=CONTENDER names it in the output.\n",
            .examples = "hakmem-tune compare default my-server.yaml lib:jemalloc -- ./my-server --bench\n",
            .takes_arguments = true,
            .takes_command = true,
            .arguments_key = "contenders",
            .words = PROFILE_WORDS " lib:glibc lib:jemalloc lib:mimalloc lib:tcmalloc",
        },
    [VERB_REPORT] =
        {
            .name = "report",
            .usage = {"report [OPTION...] JOURNAL..."},
            .summary = "what a session found, from its journal; also as HTML",
            .description = "Prints what the session of each journal said at its end, or writes all of it\n"
                           "as one HTML file with charts, which needs no network. The journal of a session\n"
                           "that runs, or was interrupted, will do.\n",
            .examples = "hakmem-tune report ws8192.journal -o ws8192.html\n"
                        "hakmem-tune report *.journal --format markdown\n",
            .takes_arguments = true,
            .words = "",
            .ending = "journal",
        },
    [VERB_CHECK] =
        {
            .name = "check",
            .usage = {"check PROFILE..."},
            .summary = "are profiles good, and good for this machine?",
            .description = "Loads each profile, a path or a name, and prints \"FILE: ok\", or what is wrong\n"
                           "and where. Warns of values that will have no effect on this machine.\n",
            .takes_arguments = true,
            .words = PROFILE_WORDS,
        },
    [VERB_PARAMS] =
        {
            .name = "params",
            .usage = {"params [OPTION...]"},
            .summary = "the parameters of a profile, or of another allocator",
            .description = "Type, range and default of each parameter, whether and on which scale it is\n"
                           "searched, and what it does.\n",
        },
    [VERB_WORKLOADS] =
        {
            .name = "workloads",
            .usage = {"workloads [OPTION...]"},
            .summary = "what can be measured",
            .description = "Lists the workloads of hakmem-bench.\n",
        },
    [VERB_TOPOLOGY] =
        {
            .name = "topology",
            .usage = {"topology [OPTION...]"},
            .summary = "caches, TLB, cores and memory of this machine",
            .description = "Shows caches, TLB, cores, memory and page sizes, from hwloc and CPUID. Of each\n"
                           "figure of the TLB it says where it comes from.\n",
        },
    [VERB_INSPECT] =
        {
            .name = "inspect",
            .usage = {"inspect [OPTION...] PID"},
            .summary = "where the memory of a running process is: its heap, live",
            .description = "Reads the heap of a process that runs on libhakmem, without stopping it: size\n"
                           "classes, threads' caches, SuperSlabs, memory that is retained, and what happens\n"
                           "per second. On a terminal the table renews itself; keys choose, sort and scroll.\n",
            .examples = "hakmem-tune inspect $(pidof my-server)\n"
                        "hakmem-tune inspect $(pidof my-server) --map heap.html\n",
            .takes_arguments = true,
            .takes_process = true,
        },
    [VERB_SYMBOLIZE] =
        {
            .name = "symbolize",
            .usage = {"symbolize [FILE]"},
            .summary = "functions and lines for the call stacks of a report",
            .description = "Copies FILE, or standard input, and gives each frame of the library's reports of\n"
                           "misuse the function and the line of source, by addr2line or llvm-symbolizer.\n",
            .examples = "hakmem-tune symbolize my-server.log\n"
                        "./my-program 2>&1 | hakmem-tune symbolize\n",
            .takes_arguments = true,
            .words = "",
            .ending = "log",
        },
};

enum verb verb_find(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(name, verb_rows[i].name) == 0)
            return (enum verb)i;
    return VERB_NONE;
}
