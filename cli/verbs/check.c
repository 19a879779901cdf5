/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune check: are profiles good, and will they have their effect on this machine? */
#include "cli/verbs/bad_option.h"
#include "cli/verbs/options.h"
#include "cli/verbs/profile_warnings.h"
#include "cli/verbs/verbs.h"
#include "lib/profile/find.h"
#include "lib/profile/load.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

static const struct option long_options[] = {{NULL, 0, NULL, 0}};

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

int verb_check(int argc, char **argv)
{
    struct kernel_memory kernel;
    bool all_good = true;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":", long_options, NULL)) != -1;)
        return bad_option("check", argv, option);
    if (optind == argc)
        return usage_error("check: no profile given");
    kernel_memory_read(&kernel, "");
    for (int i = optind; i < argc; i++)
        all_good = check_one(argv[i], &kernel) && all_good;
    return all_good ? 0 : 2;
}
