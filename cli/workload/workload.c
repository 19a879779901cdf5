/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See workload.h. */
#include "config.h"

#include "cli/workload/workload.h"

#include "cli/locate/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Appends an option with a number to the words, unless it is 0, which stands for the workload's own default. */
static size_t add_number(struct workload_command *command, size_t words, size_t slot, const char *option,
                         uint64_t number)
{
    if (number == 0)
        return words;
    snprintf(command->numbers[slot], sizeof command->numbers[slot], "%" PRIu64, number);
    command->words[words] = (char *)option;
    command->words[words + 1] = command->numbers[slot];
    return words + 2;
}

int workload_command_init(struct workload_command *command, const struct workload *work, uint64_t seed)
{
    memset(command, 0, sizeof *command);
    if (!work->workload) {
        command->argv = work->command;
        errno = EINVAL;
        return work->command && work->command[0] ? 0 : -1;
    }
    command->bench = bench_find();
    if (!command->bench)
        return -1;
    command->words[0] = command->bench;
    command->words[1] = (char *)work->workload;
    size_t words = 2;
    words = add_number(command, words, 0, "--ops", work->operations);
    if (work->operations == 0 && work->share > 0) {
        snprintf(command->numbers[3], sizeof command->numbers[3], "%.9g", work->share);
        command->words[words++] = (char *)"--share";
        command->words[words++] = command->numbers[3];
    }
    words = add_number(command, words, 1, "--threads", work->threads);
    add_number(command, words, 2, "--seed", seed);
    command->argv = command->words;
    return 0;
}

void workload_command_release(struct workload_command *command)
{
    free(command->bench);
    memset(command, 0, sizeof *command);
}
