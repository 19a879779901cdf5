/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libhakmem as a subject: its rows are the schema's, and values are a profile, which reaches a process as the very YAML
 * file that a user ships. No state; any thread may call anything. Below: hakmem_seeds, lib/profile. */
#ifndef HAK_SUBJECT_HAKMEM_H
#define HAK_SUBJECT_HAKMEM_H

#include "cli/subject/subject.h"

/* The subject on LIBRARY, the absolute path of a libhakmem.so, which it borrows. */
struct subject subject_hakmem(const char *library);

/* Between values and profiles. What no row of numbers holds (the name, an explicit map of classes) is the default's. */
void hakmem_to_profile(const struct subject_values *values, const char *name, struct hak_profile *profile);
void hakmem_from_profile(const struct hak_profile *profile, struct subject_values *values);

/* Sets what runs a process with the profile at PATH; one that the library refuses ends the process. */
void hakmem_set_profile(struct launch_environment *environment, const char *path);

#endif
