/* C++ operator new and delete, under their mangled names: they save the jump through the C++ runtime's own, which call malloc and free.
 *
 * What new has to do when memory is refused (call the new handler, throw) is left to the C++ runtime: its operator new, the next one that the
 * loader finds, asks malloc once more and does the rest. Nothing here needs the C++ runtime itself, so C programs do not load it. */
#include "lib/api/free.h"
#include "lib/api/malloc.h"
#include "lib/base/report.h"

#include <hakmem/hakmem.h>

#include <dlfcn.h>

/* The next definition of NAME after ours. */
static void *next_definition(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (function == NULL)
        report_fatal("operator new: out of memory, and no C++ runtime to throw std::bad_alloc");
    return function;
}

static COLD void *new_refused(size_t size, const char *name)
{
    return ((void *(*)(size_t))next_definition(name))(size);
}

static COLD void *new_nothrow_refused(size_t size, const void *tag, const char *name)
{
    return ((void *(*)(size_t, const void *))next_definition(name))(size, tag);
}

static COLD void *new_aligned_refused(size_t size, size_t alignment, const char *name)
{
    return ((void *(*)(size_t, size_t))next_definition(name))(size, alignment);
}

static COLD void *new_aligned_nothrow_refused(size_t size, size_t alignment, const void *tag, const char *name)
{
    return ((void *(*)(size_t, size_t, const void *))next_definition(name))(size, alignment, tag);
}

/* m is size_t, St11align_val_t an alignment, RKSt9nothrow_t a reference to std::nothrow (Itanium C++ ABI, 5.1). */
#define DEFINE_NEW(plain, nothrow, aligned, aligned_nothrow)                                                    \
    HAK_EXPORT_FAST void *plain(size_t size);                                                                   \
    HAK_EXPORT_FAST void *nothrow(size_t size, const void *tag);                                                \
    HAK_EXPORT void *aligned(size_t size, size_t alignment);                                                    \
    HAK_EXPORT void *aligned_nothrow(size_t size, size_t alignment, const void *tag);                           \
    void *plain(size_t size) {                                                                                  \
        void *block = malloc_fast(size);                                                                        \
        return LIKELY(block != NULL) ? block : new_refused(size, #plain);                                       \
    }                                                                                                           \
    void *nothrow(size_t size, const void *tag) {                                                               \
        void *block = malloc_fast(size);                                                                        \
        return LIKELY(block != NULL) ? block : new_nothrow_refused(size, tag, #nothrow);                        \
    }                                                                                                           \
    void *aligned(size_t size, size_t alignment) {                                                              \
        void *block = hak_memalign(alignment, size);                                                            \
        return LIKELY(block != NULL) ? block : new_aligned_refused(size, alignment, #aligned);                  \
    }                                                                                                           \
    void *aligned_nothrow(size_t size, size_t alignment, const void *tag) {                                     \
        void *block = hak_memalign(alignment, size);                                                            \
        return LIKELY(block != NULL) ? block : new_aligned_nothrow_refused(size, alignment, tag, #aligned_nothrow); \
    }

DEFINE_NEW(_Znwm, _ZnwmRKSt9nothrow_t, _ZnwmSt11align_val_t, _ZnwmSt11align_val_tRKSt9nothrow_t)
DEFINE_NEW(_Znam, _ZnamRKSt9nothrow_t, _ZnamSt11align_val_t, _ZnamSt11align_val_tRKSt9nothrow_t)

/* All forms of delete free; the size and the alignment are known from the page map. */
#define DEFINE_DELETE(name, ...)                      \
    HAK_EXPORT_FAST void name(void *pointer, ##__VA_ARGS__); \
    void name(void *pointer, ##__VA_ARGS__) {           \
        free_fast(pointer);                           \
    }

#pragma GCC diagnostic ignored "-Wunused-parameter"
DEFINE_DELETE(_ZdlPv)
DEFINE_DELETE(_ZdaPv)
DEFINE_DELETE(_ZdlPvm, size_t size)
DEFINE_DELETE(_ZdaPvm, size_t size)
DEFINE_DELETE(_ZdlPvRKSt9nothrow_t, const void *tag)
DEFINE_DELETE(_ZdaPvRKSt9nothrow_t, const void *tag)
DEFINE_DELETE(_ZdlPvSt11align_val_t, size_t alignment)
DEFINE_DELETE(_ZdaPvSt11align_val_t, size_t alignment)
DEFINE_DELETE(_ZdlPvmSt11align_val_t, size_t size, size_t alignment)
DEFINE_DELETE(_ZdaPvmSt11align_val_t, size_t size, size_t alignment)
DEFINE_DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, size_t alignment, const void *tag)
DEFINE_DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, size_t alignment, const void *tag)
