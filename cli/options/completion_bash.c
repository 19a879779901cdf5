/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For bash. See completion.h. */
#include "config.h"

#include "cli/options/completion.h"
#include "cli/options/text.h"

/* $verb, and the words around the one that is to be completed. */
static const char begin[] =
    "# SPDX-License-Identifier: GPL-3.0-or-later\n"
    "# bash completion of hakmem-tune, made by: hakmem-tune --print-completion bash\n"
    "_hakmem_tune_files()\n"
    "{\n"
    "    COMPREPLY=($(compgen -W \"$1\" -- \"$current\") $(compgen -f -X \"!*.${2:-yaml}\" -- \"$current\") $(compgen "
    "-d -S / "
    "-- "
    "\"$current\"))\n"
    "}\n"
    "_hakmem_tune()\n"
    "{\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb=tune options= word i\n"
    "    # Where the shell takes the colon of lib:NAME or the equals sign of --NAME=VALUE for the end of a word, "
    "COMP_WORDS\n"
    "    # has it in parts.\n"
    "    if [[ $COMP_WORDBREAKS == *:* && $current == : ]]; then\n"
    "        current=$previous:\n"
    "    elif [[ $COMP_WORDBREAKS == *:* && $previous == : ]]; then\n"
    "        current=${COMP_WORDS[COMP_CWORD - 2]}:$current\n"
    "    elif [[ $current == = ]]; then\n"
    "        current=\n"
    "    elif [[ $previous == = ]]; then\n"
    "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n";

static const char middle[] = "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                             "        word=${COMP_WORDS[i]}\n"
                             "        # After -- comes a command of the user's.\n"
                             "        [[ $word == -- ]] && { COMPREPLY=($(compgen -c -f -- \"$current\")); return; }\n"
                             "        [[ $i == 1 && \" $verbs \" == *\" $word \"* ]] && verb=$word\n"
                             "    done\n"
                             "    COMPREPLY=()\n"
                             "    case $verb$previous in\n";

static const char end[] = "    esac\n"
                          "    # And it wants what comes after the colon alone.\n"
                          "    if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then\n"
                          "        for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do\n"
                          "            COMPREPLY[i]=${COMPREPLY[i]#\"${current%\"${current##*:}\"}\"}\n"
                          "        done\n"
                          "    fi\n"
                          "}\n"
                          "complete -o filenames -F _hakmem_tune hakmem-tune\n";

static void print_verbs(FILE *stream)
{
    fputs("    local verbs=\"", stream);
    for (size_t i = 0; i < VERBS; i++)
        fprintf(stream, "%s%s", i ? " " : "", verb_rows[i].name);
    fputs("\"\n", stream);
}

static void print_words(FILE *stream, const char *words)
{
    fprintf(stream, "        COMPREPLY=($(compgen -W \"%s\" -- \"$current\"))\n", words);
}

/* What is offered for the value. */
static void print_value(FILE *stream, const struct option_row *row)
{
    char choices[OPTION_TEXT_SIZE];
    if (row->choices)
        print_words(stream, option_choices(row, " ", choices, sizeof choices));
    else if (row->completion == COMPLETE_FILES)
        fputs("        COMPREPLY=($(compgen -f -- \"$current\"))\n", stream);
    else if (row->completion == COMPLETE_WORKLOAD)
        print_words(stream, option_workload_words);
    else if (row->completion == COMPLETE_METRIC)
        print_words(stream, option_metric_words);
    else if (row->completion == COMPLETE_WORKLOADS)
        fprintf(stream,
                "        COMPREPLY=($(compgen -W \"%s\" -- \"${current##*,}\"))\n"
                "        [[ $current == *,* ]] && COMPREPLY=(\"${COMPREPLY[@]/#/${current%%,*},}\")\n",
                option_workload_words);
    fputs("        return\n        ;;\n", stream);
}

/* The case for an option's value, of all verbs that take it. */
static void print_case(FILE *stream, const struct option_row *row)
{
    const char *separator = "";
    fputs("    ", stream);
    for (size_t verb = 0; verb < VERBS && row->verbs != VERBS_ALL; verb++) {
        if (!option_shown(row, (enum verb)verb))
            continue;
        fprintf(stream, "%s%s--%s", separator, verb_rows[verb].name, row->name);
        separator = " | ";
        if (row->letter)
            fprintf(stream, "%s%s-%c", separator, verb_rows[verb].name, row->letter);
    }
    if (row->verbs == VERBS_ALL)
        fprintf(stream, "*--%s", row->name);
    fputs(")\n", stream);
    print_value(stream, row);
}

static void print_options(FILE *stream, enum verb verb)
{
    fprintf(stream, "    %s) options=\"", verb_rows[verb].name);
    const char *separator = "";
    for (size_t i = 0; i < option_row_count; i++) {
        if (!option_shown(&option_rows[i], verb))
            continue;
        fprintf(stream, "%s--%s", separator, option_rows[i].name);
        separator = " ";
    }
    fputs("\" ;;\n", stream);
}

/* The second argument of _hakmem_tune_files, with a blank behind it. */
static const char *ending(const struct verb_row *row)
{
    static char text[32];
    snprintf(text, sizeof text, row->ending ? "%s " : "", row->ending);
    return text;
}

static void print_arguments(FILE *stream)
{
    fputs("    case $current:$COMP_CWORD:$verb in\n"
          "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")) ;;\n"
          "    :1:tune) COMPREPLY=($(compgen -W \"$verbs\")) ;;\n"
          "    *:1:tune) _hakmem_tune_files \"$verbs\" ;;\n",
          stream);
    for (size_t verb = 0; verb < VERBS; verb++)
        if (verb_rows[verb].words)
            fprintf(stream, "    *:%s) _hakmem_tune_files \"%s\" %s;;\n", verb_rows[verb].name, verb_rows[verb].words,
                    ending(&verb_rows[verb]));
        else if (verb_rows[verb].takes_process)
            fprintf(stream, "    *:%s) COMPREPLY=($(compgen -W \"$(cd /proc && echo [0-9]*)\" -- \"$current\")) ;;\n",
                    verb_rows[verb].name);
}

void completion_print_bash(FILE *stream)
{
    fputs(begin, stream);
    print_verbs(stream);
    fputs(middle, stream);
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].kind != OPTION_SWITCH && !option_rows[i].hidden)
            print_case(stream, &option_rows[i]);
    fputs("    esac\n    case $verb in\n", stream);
    for (size_t verb = 0; verb < VERBS; verb++)
        print_options(stream, (enum verb)verb);
    fputs("    esac\n", stream);
    print_arguments(stream);
    fputs(end, stream);
}
