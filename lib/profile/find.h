/* SPDX-License-Identifier: MIT */
/* Which profile is meant: from a path or a name to a file, and from the environment to a profile.
 *
 * Nothing here has state or calls malloc but through libyaml. The environment is read without a lock, as by getenv: no
 * other thread may be changing it. Frames stay below 32 KiB. Below: load. */
#ifndef HAK_PROFILE_FIND_H
#define HAK_PROFILE_FIND_H

#include "lib/profile/schema.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for any path that the kernel takes, its NUL included (Linux's PATH_MAX). */
#define HAK_PROFILE_PATH_SIZE 4096

/* The file that REFERENCE means, written into PATH. With a slash it is the path itself, whether or not the file exists;
 * and so it is if it ends in .yaml and there is such a file in the current directory. Else a name, with or without
 * .yaml: the first that exists of $XDG_CONFIG_HOME/hakmem/NAME.yaml (without that variable ~/.config/hakmem/NAME.yaml)
 * and the NAME.yaml that was installed with the library. False: MESSAGE says where it was looked for. */
COLD bool hak_profile_find(const char *reference, char *path, size_t path_size, char *message, size_t size);

/* Whether HAKMEM_PROFILE names a profile, good or bad. */
COLD bool hak_profile_is_named(void);

enum hak_profile_origin {
    HAK_PROFILE_DEFAULT, /* HAKMEM_PROFILE is not set, is empty, or does not count because the program is set-user-id
                            (AT_SECURE) */
    HAK_PROFILE_LOADED,  /* *profile is the one that HAKMEM_PROFILE names */
    HAK_PROFILE_REFUSED  /* HAKMEM_PROFILE names one that cannot be taken; the reason is in the message */
};

/* Loads the profile that HAKMEM_PROFILE names. *profile and SOURCE (the path of the file) are written when it is loaded
 * and left alone otherwise, MESSAGE only when it is refused. */
COLD enum hak_profile_origin hak_profile_from_environment(struct hak_profile *profile, char *source, size_t source_size,
                                                          char *message, size_t size);

/* Whether HAKMEM_PROFILE_STRICT=1 asks to end the program when its profile is refused. */
COLD bool hak_profile_is_strict(void);

#endif
