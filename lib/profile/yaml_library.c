/* SPDX-License-Identifier: MIT */
/* libyaml at need. See yaml_library.h. */
#include "config.h"

#include "lib/profile/yaml_library.h"

#if defined PIC && !defined HAK_LINKED_YAML /* PIC: libtool's word for what goes into a shared library */

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The name stands for the binary interface, which is that of yaml.h ever since libyaml 0.1. */
#define LIBRARY "libyaml-0.so.2"

/* An object pointer becomes a function pointer as POSIX has it for dlsym. */
static bool find(void *library, const char *name, void *function)
{
    void *address = dlsym(library, name);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

bool hak_yaml_open(struct hak_yaml *yaml, char *message, size_t size)
{
    yaml->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    bool found = yaml->library != NULL;
#define FIND(name) found = found && find(yaml->library, "yaml_" #name, &yaml->name);
    HAK_YAML_FUNCTIONS(FIND)
    if (found)
        return true;
    const char *reason = dlerror();
    snprintf(message, size, "%s", reason != NULL ? reason : LIBRARY " cannot be loaded");
    hak_yaml_close(yaml);
    return false;
}

void hak_yaml_close(struct hak_yaml *yaml)
{
    if (yaml->library != NULL)
        dlclose(yaml->library);
}

#else

bool hak_yaml_open(struct hak_yaml *yaml, char *message, size_t size)
{
    (void)message, (void)size;
#define LINKED(name) .name = yaml_##name,
    *yaml = (struct hak_yaml){HAK_YAML_FUNCTIONS(LINKED)};
    return true;
}

void hak_yaml_close(struct hak_yaml *yaml)
{
    (void)yaml;
}

#endif
