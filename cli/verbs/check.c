/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune check: are profiles good, and will they have their effect on this machine? */
#include "cli/options/usage.h"
#include "cli/verbs/profile_warnings.h"
#include "cli/verbs/verbs.h"
#include "lib/profile/find.h"
#include "lib/profile/load.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints the verdict on one profile. */
static bool check_one(const char *reference, const struct kernel_memory *kernel)
{
    char path[HAK_PROFILE_PATH_SIZE], message[HAK_PROFILE_MESSAGE_SIZE];
    struct hak_profile profile;
    bool good = hak_profile_find(reference, path, sizeof path, message, sizeof message) &&
                hak_profile_load_file(&profile, path, message, sizeof message);
    if (!good) {
        fprintf(stderr, "%s\n", message);
        return false;
    }
    printf("%s: ok\n", path);
    fflush(stdout);
    profile_warnings_print(stderr, path, &profile, kernel);
    return true;
}

int verb_check(const struct options *options)
{
    struct kernel_memory kernel;
    bool all_good = true;
    if (options->argument_count == 0)
        return usage_error(VERB_CHECK, "no profile given");
    kernel_memory_read(&kernel, "");
    for (size_t i = 0; i < options->argument_count; i++)
        all_good = check_one(options->arguments[i], &kernel) && all_good;
    return all_good ? 0 : 2;
}
