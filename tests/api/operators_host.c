/* SPDX-License-Identifier: MIT */
/* Has a C++ plug-in test the operators: below a C program, which the C++ runtime is not loaded for, and so seen by the
 * plug-in alone.
 *
 * operators_host FILE */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    int (*test_operators)(void);
    void *plugin = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    void *found = plugin ? dlsym(plugin, "test_operators") : NULL;
    if (!found) {
        fprintf(stderr, "%s\n", argc == 2 ? dlerror() : "operators_host FILE");
        return 99;
    }
    memcpy(&test_operators, &found, sizeof found);
    return test_operators();
}
