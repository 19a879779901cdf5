/* SPDX-License-Identifier: MIT */
/* Whole sessions on the simulated machine: what their tests have in common. */
#ifndef TEST_SIMULATED_SESSION_H
#define TEST_SIMULATED_SESSION_H

#include "cli/tune/session.h"
#include "tests/tune/simulated_race.h"

/* What simulated_settings has made. */
extern struct space simulated_space;

/* "./server --bench" */
extern char *const simulated_command[];

/* A session of a fresh simulation. */
struct session_settings simulated_settings(uint64_t seed);

/* For simulation.speed. A large working set: huge pages and large caches help, and more together. */
double large_set_speed(const struct hak_profile *profile);

/* The recommended profile; fails where there is none. */
struct hak_profile simulated_winner(const struct session_outcome *outcome);

/* Fails where the session took longer than BUDGET, in seconds. */
void within_budget(const struct session_outcome *outcome, double budget);

#endif
