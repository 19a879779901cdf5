/* SPDX-License-Identifier: MIT */
/* The processes that came of this one, by /proc. One thread. */
#ifndef BENCH_PROCESS_TREE_H
#define BENCH_PROCESS_TREE_H

#include <stdint.h>

/* Sends SIGNAL to each of them. */
void process_tree_signal(int signal);
/* The sum of their proportional sets, or 0 while there are less than two of them: the kernel knows the peak of a single
 * one. */
uint64_t process_tree_proportional_bytes(void);

#endif
