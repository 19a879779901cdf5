/* SPDX-License-Identifier: MIT */
/* The profile in force. See active.h. */
#include "config.h"

#include "lib/profile/active.h"

#ifdef HAK_BAKED_PROFILE

const struct hak_profile hak_active_profile = HAK_BAKED_PROFILE_INITIALIZER;

#else

#include "lib/profile/parameters.h"

#define SCALAR(section, name, type, unit, minimum, maximum, standard_, ...) .section##_##name = standard_,
#define TOP(name, type, unit, minimum, maximum, standard_, ...) .name = standard_,
#define TEXT(name_, ...) .name_ = HAK_STANDARD_NAME,
#define LIST(...)

struct hak_profile hak_active_profile = {HAK_PARAMETERS(SCALAR, TOP, TEXT, LIST)};

#endif
