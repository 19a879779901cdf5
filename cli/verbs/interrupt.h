/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ctrl-C and its relatives: noted, so that what was measured can be kept. Main thread only. Nothing is below. */
#ifndef HAK_VERBS_INTERRUPT_H
#define HAK_VERBS_INTERRUPT_H

/* From now on SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGPIPE are noted in the returned variable (the signal's number; 0:
 * none yet) instead of ending the program, but for those that it has ignored since its start. A second one ends it at
 * once, as if it had not been caught; not SIGPIPE. */
const volatile int *interrupt_watch(void);

#endif
