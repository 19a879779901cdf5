/* SPDX-License-Identifier: MIT */
/* hakmem-bake PROFILE: writes a profile as a C header of constants to stdout, for configure's --with-profile. Runs at
 * build time only.
 *
 * Every scalar field of struct hak_profile becomes HAK_BAKED_field, and the whole HAK_BAKED_PROFILE_INITIALIZER;
 * active.h is what reads them. Below: load, class_sizes. */
#include "config.h"

#include "lib/profile/class_sizes.h"
#include "lib/profile/load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The field of a row: its key with '_' for '.'. */
static const char *field_name(const struct hak_parameter *row, char *text, size_t size)
{
    snprintf(text, size, "%s", row->key);
    for (char *c = text; *c; c++) {
        if (*c == '.')
            *c = '_';
    }
    return text;
}

static bool is_scalar(const struct hak_parameter *row)
{
    return row->type != HAK_TYPE_NAME && row->type != HAK_TYPE_SIZE_LIST;
}

static void write_scalars(const struct hak_profile *profile)
{
    char field[64];
    for (size_t i = 0; i < hak_parameter_count; i++) {
        const struct hak_parameter *row = &hak_parameters[i];
        if (is_scalar(row))
            printf("#define HAK_BAKED_%s UINT64_C(%" PRIu64 ")\n", field_name(row, field, sizeof field),
                   hak_parameter_get(row, profile));
    }
    printf("#define HAK_BAKED_size_classes_count UINT64_C(%" PRIu64 ")\n", profile->size_classes_count);
}

/* A C string literal. Trigraphs are off in GNU C, so '?' needs no escape. */
static void write_name(const char *name)
{
    printf("#define HAK_BAKED_name \"");
    for (; *name; name++)
        printf(*name == '"' || *name == '\\' ? "\\%c" : "%c", *name);
    printf("\"\n");
}

static void write_sizes(const char *macro, const uint32_t *sizes, size_t count)
{
    printf("#define %s {", macro);
    for (size_t i = 0; i < count; i++)
        printf("%s%" PRIu32, i == 0 ? "" : i % 16 == 0 ? ", \\\n    " : ", ", sizes[i]);
    printf("}\n");
}

static void write_class_sizes(const struct hak_profile *profile)
{
    uint32_t sizes[HAK_PROFILE_MAX_CLASSES];
    size_t count = hak_profile_class_sizes(profile, sizes);
    printf("\n/* The size classes that the profile comes to, explicit or by its spacing. */\n");
    printf("#define HAK_BAKED_CLASS_COUNT %zu\n", count);
    write_sizes("HAK_BAKED_CLASS_SIZES", sizes, count);
    if (profile->size_classes_count > 0)
        write_sizes("HAK_BAKED_size_classes_sizes", profile->size_classes_sizes, profile->size_classes_count);
}

static void write_initializer(const struct hak_profile *profile)
{
    char field[64];
    printf("\n#define HAK_BAKED_PROFILE_INITIALIZER { \\\n");
    for (size_t i = 0; i < hak_parameter_count; i++) {
        const struct hak_parameter *row = &hak_parameters[i];
        if (row->type == HAK_TYPE_SIZE_LIST && profile->size_classes_count == 0)
            continue;
        field_name(row, field, sizeof field);
        printf("    .%s = HAK_BAKED_%s, \\\n", field, field);
    }
    printf("    .size_classes_count = HAK_BAKED_size_classes_count}\n");
}

static void write_header(const struct hak_profile *profile)
{
    printf("/* Made by hakmem-bake from the profile that configure was given; not to be edited. */\n");
    printf("#ifndef HAK_BAKED_PROFILE_H\n#define HAK_BAKED_PROFILE_H\n\n#include <stdint.h>\n\n");
    write_scalars(profile);
    write_name(profile->name);
    write_class_sizes(profile);
    write_initializer(profile);
    printf("\n#endif\n");
}

int main(int count, char **arguments)
{
    struct hak_profile profile;
    char message[HAK_PROFILE_MESSAGE_SIZE];
    if (count != 2) {
        fprintf(stderr, "usage: hakmem-bake PROFILE.yaml > baked_profile.h\n");
        return 2;
    }
    if (!hak_profile_load_file(&profile, arguments[1], message, sizeof message)) {
        fprintf(stderr, "hakmem-bake: %s\n", message);
        return 2;
    }
    write_header(&profile);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "hakmem-bake: cannot write the header: %s\n", strerror(errno));
        return 1;
    }
    return 0;
}
