/* SPDX-License-Identifier: MIT */
#include "lib/base/lock.h"

_Thread_local unsigned lock_forks;
