/* SPDX-License-Identifier: MIT */
/* The library stays in the process once it is there. Threads' ends, forks and the blocks that it has handed out lead
 * back into it. The shared library's file says so itself (-z nodelete); a plug-in that the archive is linked into is
 * pinned at its start. Below: nothing. */
#ifndef HAK_BASE_STAY_LOADED_H
#define HAK_BASE_STAY_LOADED_H

/* Keeps dlclose from unmapping the object that this code is part of. Called by a constructor, as dlopen allocates. */
void stay_loaded(void);

#endif
