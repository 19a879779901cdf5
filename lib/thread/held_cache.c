/* SPDX-License-Identifier: MIT */
#include "lib/thread/held_cache.h"

_Thread_local struct thread_cache *held_cache = THREAD_CACHE_NONE;
_Thread_local uint64_t held_cache_draws;
bool held_caches_stay_hidden;
