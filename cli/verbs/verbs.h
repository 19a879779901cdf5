/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of hakmem-tune but tune itself. Each takes its own part of the command line (ARGV[0] is the verb) and
 * returns the program's exit status. Each runs on the main thread, once. */
#ifndef HAK_VERBS_VERBS_H
#define HAK_VERBS_VERBS_H

int verb_check(int argc, char **argv);     /* are profiles good, and good for this machine? */
int verb_compare(int argc, char **argv);   /* which allocator or profile is faster or smaller, and how sure is that? */
int verb_params(int argc, char **argv);    /* the table of parameters */
int verb_topology(int argc, char **argv);  /* the machine */
int verb_workloads(int argc, char **argv); /* what can be measured */

#endif
