/* SPDX-License-Identifier: MIT */
#include "lib/sample/modules.h"

#include <link.h>
#include <string.h>
#include <sys/auxv.h>

static bool contains(const struct module *module, uintptr_t address)
{
    return address >= module->start && address < module->end;
}

#ifdef HAVE__DL_FIND_OBJECT

#include <dlfcn.h>

void modules_start(void)
{
}

bool module_find(uintptr_t address, struct module *module)
{
    struct dl_find_object found;
    if (_dl_find_object((void *)address, &found) != 0) /* NOLINT(performance-no-int-to-ptr): it is somebody's code */
        return false;
    *module = (struct module){.start = (uintptr_t)found.dlfo_map_start,
                              .end = (uintptr_t)found.dlfo_map_end,
                              .frame_table = found.dlfo_eh_frame,
                              .base = found.dlfo_link_map->l_addr,
                              .name = found.dlfo_link_map->l_name};
    return true;
}

#else

/* What of the module that INFO tells of concerns us. */
static struct module describe(const struct dl_phdr_info *info)
{
    struct module module = {.start = UINTPTR_MAX, .base = info->dlpi_addr, .name = info->dlpi_name};
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_GNU_EH_FRAME)
            module.frame_table = (const uint8_t *)start; /* NOLINT(performance-no-int-to-ptr) */
        if (segment->p_type != PT_LOAD)
            continue;
        module.start = size_minimum(module.start, start);
        module.end = size_maximum(module.end, start + segment->p_memsz);
    }
    return module;
}

#ifdef __GLIBC__ /* its lock may be taken by a thread that holds it */

void modules_start(void)
{
}

struct search {
    uintptr_t address;
    struct module *module;
};

static int look(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    struct search *search = context;
    struct module module = describe(info);
    if (!contains(&module, search->address))
        return 0;
    *search->module = module;
    return 1;
}

bool module_find(uintptr_t address, struct module *module)
{
    struct search search = {address, module};
    return dl_iterate_phdr(look, &search) != 0;
}

#else /* it unloads nothing, so what is noted stays right */

#include <stdatomic.h>

#define MODULES 256

static struct module modules[MODULES];
static _Atomic uint32_t module_count; /* release after their stores; read with acquire */

static int note(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    uint32_t *count = context;
    if (*count < MODULES)
        modules[(*count)++] = describe(info);
    return 0;
}

void modules_start(void)
{
    uint32_t count = 0;
    if (atomic_load_explicit(&module_count, memory_order_acquire) != 0)
        return;
    dl_iterate_phdr(note, &count);
    atomic_store_explicit(&module_count, count, memory_order_release);
}

bool module_find(uintptr_t address, struct module *module)
{
    uint32_t count = atomic_load_explicit(&module_count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++)
        if (contains(&modules[i], address)) {
            *module = modules[i];
            return true;
        }
    return false;
}

#endif
#endif

/* The loader has an empty name for the program (glibc), or one of its own (musl). */
static const char *file_of(const struct module *module)
{
    bool is_program = module->name == NULL || *module->name == '\0' || contains(module, getauxval(AT_PHDR));
    const char *name =
        is_program ? (const char *)getauxval(AT_EXECFN) : module->name; /* NOLINT(performance-no-int-to-ptr) */
    return name != NULL && strchr(name, '/') != NULL ? name : NULL;
}

void module_locate(uintptr_t address, struct writer *writer)
{
    struct module module;
    const char *file = module_find(address, &module) ? file_of(&module) : NULL;
    if (file != NULL) {
        writer_add(writer, file);
        writer_add(writer, "+");
        address -= module.base;
    }
    writer_add_hexadecimal(writer, address);
}
