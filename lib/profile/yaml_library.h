/* SPDX-License-Identifier: MIT */
/* libyaml, brought into the process when there is a profile to read, and gone from it afterwards.
 *
 * Most processes have no profile of their own, a shell script's hundred little ones above all. A library that each of
 * them loads would cost them time and memory for nothing, so libhakmem.so does not depend on libyaml: it asks the
 * loader for it. An archive cannot do that; what is compiled for one calls the linked libyaml.
 *
 * Any thread may call this. It allocates as dlopen does. Below: libyaml. */
#ifndef HAK_PROFILE_YAML_LIBRARY_H
#define HAK_PROFILE_YAML_LIBRARY_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

/* What is used of it: yaml_NAME is called as functions.NAME. */
#define HAK_YAML_FUNCTIONS(FUNCTION)  \
    FUNCTION(parser_initialize)       \
    FUNCTION(parser_set_input_string) \
    FUNCTION(parser_parse)            \
    FUNCTION(parser_delete)           \
    FUNCTION(event_delete)

struct hak_yaml {
    void *library; /* the loader's handle; NULL where libyaml is linked */
#define HAK_YAML_POINTER(name) __typeof__(yaml_##name) *name;
    HAK_YAML_FUNCTIONS(HAK_YAML_POINTER)
#undef HAK_YAML_POINTER
};

/* Finds the functions. False, with the loader's reason in MESSAGE, if there is no libyaml that has them. */
COLD bool hak_yaml_open(struct hak_yaml *yaml, char *message, size_t size);

/* Ends the use of what an open has found. */
COLD void hak_yaml_close(struct hak_yaml *yaml);

#endif
