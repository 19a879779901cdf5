/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For zsh. See completion.h. */
#include "config.h"

#include "cli/options/completion.h"
#include "cli/options/text.h"

static const char begin[] = "#compdef hakmem-tune\n"
                            "# SPDX-License-Identifier: GPL-3.0-or-later\n"
                            "# zsh completion of hakmem-tune, made by: hakmem-tune --print-completion zsh\n"
                            "_hakmem_tune_files() {\n"
                            "    compadd -- \"$@\"\n"
                            "    _files -g '*.yaml'\n"
                            "}\n"
                            "_hakmem_tune() {\n"
                            "    local verb=tune\n";

/* After -- comes a command of the user's. A verb is taken off, so that words[1] is it or the program. */
static const char middle[] = "    local end=${words[(ie)--]}\n"
                             "    if ((end < CURRENT)); then\n"
                             "        shift $end words\n"
                             "        ((CURRENT -= end))\n"
                             "        _normal\n"
                             "        return\n"
                             "    fi\n"
                             "    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n"
                             "        _describe verb verbs\n"
                             "        [[ -z $words[2] ]] || _files -g '*.yaml'\n"
                             "        return\n"
                             "    fi\n"
                             "    if ((${verbs[(I)${(b)words[2]}:*]})); then\n"
                             "        verb=$words[2]\n"
                             "        shift words\n"
                             "        ((CURRENT--))\n"
                             "    fi\n"
                             "    case $verb in\n";

static const char end[] = "    esac\n"
                          "}\n"
                          "_hakmem_tune \"$@\"\n";

/* TEXT between single quotes, themselves escaped. */
static void print_quoted(FILE *stream, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stream);
        else
            fputc(*text, stream);
    }
}

static void print_verbs(FILE *stream)
{
    fputs("    local -a verbs=(\n", stream);
    for (size_t i = 0; i < VERBS; i++) {
        fprintf(stream, "        '%s:", verb_rows[i].name);
        print_quoted(stream, verb_rows[i].summary);
        fputs("'\n", stream);
    }
    fputs("    )\n", stream);
}

/* The action that offers values. */
static void print_action(FILE *stream, const struct option_row *row)
{
    char choices[OPTION_TEXT_SIZE];
    if (row->choices)
        fprintf(stream, "(%s)", option_choices(row, " ", choices, sizeof choices));
    else if (row->completion == COMPLETE_FILES)
        fputs("_files", stream);
    else if (row->completion == COMPLETE_WORKLOAD)
        fprintf(stream, "(%s)", option_workload_words);
    else if (row->completion == COMPLETE_METRIC)
        fprintf(stream, "(%s)", option_metric_words);
    else if (row->completion == COMPLETE_WORKLOADS)
        fprintf(stream, "_values -s , workload %s", option_workload_words);
    else
        fputc(' ', stream);
}

/* A word of _arguments. */
static void print_option(FILE *stream, const struct option_row *row)
{
    char description[OPTION_TEXT_SIZE], argument[OPTION_TEXT_SIZE];
    option_description(row, "[]\\", description, sizeof description);
    fputs("            ", stream);
    if (row->letter)
        fprintf(stream, row->kind == OPTION_SWITCH ? "'(-%c --%s)'{-%c,--%s}'[" : "'(-%c --%s)'{-%c+,--%s=}'[",
                row->letter, row->name, row->letter, row->name);
    else
        fprintf(stream, "'%s--%s%s[", row->kind == OPTION_LIST ? "*" : "", row->name,
                row->kind == OPTION_SWITCH ? "" : "=");
    print_quoted(stream, description);
    fputc(']', stream);
    if (row->kind != OPTION_SWITCH) {
        fprintf(stream, ":%s:", option_argument(row, argument, sizeof argument));
        print_action(stream, row);
    }
    fputs("' \\\n", stream);
}

static void print_verb(FILE *stream, enum verb verb)
{
    fprintf(stream, "    %s)\n        _arguments \\\n", verb_rows[verb].name);
    for (size_t i = 0; i < option_row_count; i++)
        if (option_shown(&option_rows[i], verb))
            print_option(stream, &option_rows[i]);
    if (verb_rows[verb].ending)
        fprintf(stream, "            '*:argument:_files -g \"*.%s\"'\n", verb_rows[verb].ending);
    else if (verb_rows[verb].words)
        fprintf(stream, "            '*:argument:{_hakmem_tune_files %s}'\n", verb_rows[verb].words);
    else if (verb_rows[verb].takes_process)
        fputs("            '*:process:_pids'\n", stream);
    else
        fputs("            && return\n", stream);
    fputs("        ;;\n", stream);
}

void completion_print_zsh(FILE *stream)
{
    fputs(begin, stream);
    print_verbs(stream);
    fputs(middle, stream);
    for (size_t verb = 0; verb < VERBS; verb++)
        print_verb(stream, (enum verb)verb);
    fputs(end, stream);
}
