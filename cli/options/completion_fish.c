/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For fish. See completion.h. */
#include "config.h"

#include "cli/options/completion.h"
#include "cli/options/text.h"

static const char begin[] = "# SPDX-License-Identifier: GPL-3.0-or-later\n"
                            "# fish completion of hakmem-tune, made by: hakmem-tune --print-completion fish\n";

/* The functions that the conditions below call. */
static const char functions[] =
    "\n"
    "# Whether no word stands on the line yet.\n"
    "function __hakmem_tune_begins\n"
    "    test (count (commandline -opc)) -eq 1\n"
    "end\n"
    "\n"
    "# Whether the verb is one of the arguments, and what comes is not a command of the user's.\n"
    "function __hakmem_tune_is\n"
    "    set -l words (commandline -opc)\n"
    "    contains -- -- $words; and return 1\n"
    "    set -l verb tune\n"
    "    contains -- \"$words[2]\" $__hakmem_tune_verbs; and set verb $words[2]\n"
    "    contains -- $verb $argv\n"
    "end\n"
    "\n"
    "function __hakmem_tune_in_command\n"
    "    contains -- -- (commandline -opc)\n"
    "end\n"
    "\n"
    "function __hakmem_tune_command\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l end (contains -i -- -- $words)\n"
    "    complete -C (string join ' ' -- $words[(math $end + 1)..-1])\n"
    "end\n"
    "\n"
    "# Behind the commas that are there.\n"
    "function __hakmem_tune_workloads\n"
    "    set -l before (commandline -ct | string replace -r '^--[a-z]*=' '' | string replace -r "
    "'[^,]*$' '')\n"
    "    printf '%s\\n' $before$__hakmem_tune_workload_names\n"
    "end\n"
    "\n"
    "complete -c hakmem-tune -f\n"
    "complete -c hakmem-tune -n __hakmem_tune_in_command -a '(__hakmem_tune_command)'\n";

/* TEXT between single quotes, themselves escaped. */
static void print_quoted(FILE *stream, const char *text)
{
    fputc('\'', stream);
    for (; *text; text++)
        fprintf(stream, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    fputc('\'', stream);
}

static void print_variables(FILE *stream)
{
    fputs("set -g __hakmem_tune_verbs", stream);
    for (size_t i = 0; i < VERBS; i++)
        fprintf(stream, " %s", verb_rows[i].name);
    fprintf(stream, "\nset -g __hakmem_tune_workload_names %s\n", option_workload_words);
}

static void print_verb(FILE *stream, const struct verb_row *row)
{
    fprintf(stream, "complete -c hakmem-tune -n __hakmem_tune_begins -a %s -d ", row->name);
    print_quoted(stream, row->summary);
    fputc('\n', stream);
    if (row->takes_job)
        fputs("complete -c hakmem-tune -n '__hakmem_tune_begins; and string length -q -- (commandline -ct)' -a "
              "'(__fish_complete_suffix .yaml)'\n",
              stream);
    if (row->words)
        fprintf(stream,
                "complete -c hakmem-tune -n 'not __hakmem_tune_begins; and __hakmem_tune_is %s' -a '%s%s"
                "(__fish_complete_suffix .%s)'\n",
                row->name, row->words, *row->words ? " " : "", row->ending ? row->ending : "yaml");
    else if (row->takes_process)
        fprintf(stream,
                "complete -c hakmem-tune -n 'not __hakmem_tune_begins; and __hakmem_tune_is %s' -x -a "
                "'(__fish_complete_pids)'\n",
                row->name);
}

/* What is offered for the value. */
static void print_value(FILE *stream, const struct option_row *row)
{
    char choices[OPTION_TEXT_SIZE];
    if (row->choices)
        fprintf(stream, " -x -a '%s'", option_choices(row, " ", choices, sizeof choices));
    else if (row->completion == COMPLETE_FILES)
        fputs(" -r -F", stream);
    else if (row->completion == COMPLETE_WORKLOAD || row->completion == COMPLETE_WORKLOADS)
        fputs(row->completion == COMPLETE_WORKLOAD ? " -x -a '$__hakmem_tune_workload_names'"
                                                   : " -x -a '(__hakmem_tune_workloads)'",
              stream);
    else if (row->completion == COMPLETE_METRIC)
        fprintf(stream, " -x -a '%s'", option_metric_words);
    else
        fputs(" -x", stream);
}

static void print_option(FILE *stream, const struct option_row *row)
{
    char description[OPTION_TEXT_SIZE];
    fputs("complete -c hakmem-tune -n '__hakmem_tune_is", stream);
    for (size_t verb = 0; verb < VERBS; verb++)
        if (option_shown(row, (enum verb)verb))
            fprintf(stream, " %s", verb_rows[verb].name);
    fprintf(stream, "' -l %s", row->name);
    if (row->letter)
        fprintf(stream, " -s %c", row->letter);
    if (row->kind != OPTION_SWITCH)
        print_value(stream, row);
    fputs(" -d ", stream);
    print_quoted(stream, option_description(row, "", description, sizeof description));
    fputc('\n', stream);
}

void completion_print_fish(FILE *stream)
{
    fputs(begin, stream);
    print_variables(stream);
    fputs(functions, stream);
    for (size_t i = 0; i < VERBS; i++)
        print_verb(stream, &verb_rows[i]);
    for (size_t i = 0; i < option_row_count; i++)
        if (!option_rows[i].hidden)
            print_option(stream, &option_rows[i]);
}
