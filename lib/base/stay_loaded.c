/* SPDX-License-Identifier: MIT */
#include "lib/base/stay_loaded.h"

#include "lib/base/compiler.h"

#ifdef FOR_ARCHIVE

#include <dlfcn.h>
#include <sys/auxv.h>

/* Weak: a program that is linked statically has no loader, and the linker would warn of these names. */
extern __typeof__(dladdr) dladdr __attribute__((weak));
extern __typeof__(dlopen) dlopen __attribute__((weak));

COLD void stay_loaded(void)
{
    Dl_info own, program;
    if (dladdr == NULL || dlopen == NULL || dladdr((void *)stay_loaded, &own) == 0)
        return;
    /* the program itself stays in any case: its headers are what the kernel has told */
    if (dladdr((void *)getauxval(AT_PHDR), &program) != 0 && program.dli_fbase == own.dli_fbase)
        return;
    dlopen(own.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

#else

COLD void stay_loaded(void)
{
}

#endif
