/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See handover.h. */
#include "config.h"

#include "cli/compare/handover.h"

#include "cli/output/input_file.h"
#include "cli/output/memory.h"
#include "cli/subject/hakmem.h"
#include "lib/profile/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool copy(const char *path, FILE *stream)
{
    char buffer[4096];
    size_t length;
    FILE *source = input_file_open(path);
    if (!source)
        return false;
    while ((length = fread(buffer, 1, sizeof buffer, source)) > 0)
        fwrite(buffer, 1, length, stream);
    bool whole = !ferror(source);
    fclose(source);
    return whole && !ferror(stream);
}

static bool write_default(FILE *stream)
{
    struct hak_profile profile;
    hak_profile_default(&profile);
    return hak_profile_write(stream, &profile, NULL, 0);
}

static bool hand_over(struct handover *handover, const struct contender *contender, size_t index)
{
    char name[48], path[PATH_MAX];
    if (!contender->profile && !(contender->is_default && handover->to_all))
        return true;
    snprintf(name, sizeof name, "contender-%zu.yaml", index);
    FILE *stream = scratch_create(&handover->scratch, name, path, sizeof path);
    if (!stream)
        return false;
    bool written = contender->profile ? copy(contender->profile, stream) : write_default(stream);
    hakmem_set_profile(&handover->environments[index], path);
    return (fclose(stream) == 0) && written;
}

bool handover_open(struct handover *handover, const struct contender *contenders, size_t count)
{
    char message[PATH_MAX + 128];
    *handover =
        (struct handover){.count = count, .environments = must_have(calloc(count, sizeof *handover->environments))};
    for (size_t i = 0; i < count; i++)
        handover->to_all |= contenders[i].profile != NULL;
    bool good = scratch_open(&handover->scratch, message, sizeof message);
    for (size_t i = 0; i < count && good; i++)
        good = hand_over(handover, &contenders[i], i);
    return good;
}

const struct launch_environment *handover_environment(const struct handover *handover,
                                                      const struct contender *contender, size_t index)
{
    return handover->environments[index].count ? &handover->environments[index] : &contender->environment;
}

void handover_close(struct handover *handover)
{
    for (size_t i = 0; i < handover->count; i++)
        launch_clear(&handover->environments[i]);
    free(handover->environments);
    scratch_close(&handover->scratch);
}
