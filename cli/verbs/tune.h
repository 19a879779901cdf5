/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune [tune]: search a better profile, prove it, save it. Main thread, once. Below: tune_options,
 * cli/tune/session, cli/report. */
#ifndef HAK_VERBS_TUNE_H
#define HAK_VERBS_TUNE_H

/* Takes its part of the command line (ARGV[0] is the verb or the program) and returns the program's exit status. */
int verb_tune(int argc, char **argv);

#endif
