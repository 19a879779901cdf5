/* SPDX-License-Identifier: MIT */
/* What is in force of the profile, key by key. Any thread, in a signal handler as well. Below: the profile. */
#include "lib/base/writer.h"
#include "lib/profile/active.h"

#include <hakmem/hakmem.h>

#include <errno.h>
#include <string.h>

HAK_EXPORT COLD int hak_profile_value(const char *key, char *value, size_t size)
{
    const struct hak_parameter *row = hak_parameter_find(key);
    if (row == NULL || row->type == HAK_TYPE_SIZE_LIST) {
        errno = EINVAL;
        return -1;
    }
    char number[HAK_PROFILE_NAME_MAX];
    const char *whole =
        row->type == HAK_TYPE_NAME
            ? hak_active_profile.name
            : hak_parameter_format(row, hak_parameter_get(row, &hak_active_profile), number, sizeof number);
    size_t length = strlen(whole);
    if (length >= size) {
        errno = ERANGE;
        return -1;
    }
    memcpy(value, whole, length + 1);
    return (int)length;
}
