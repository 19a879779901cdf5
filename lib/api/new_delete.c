/* SPDX-License-Identifier: MIT */
/* C++ operator new and delete, under their mangled names: they save the jump through the C++ runtime's own, which call
 * malloc and free.
 *
 * A program may replace any of them, and those that it leaves call those that it replaces (ISO C++ [new.delete]): so
 * all forms but the basic ones, new(size), delete(pointer) and these two with an alignment, go on to the form that they
 * are defined by, whoever defines that. (-fsemantic-interposition keeps the compiler from taking that form for ours.)
 * In an archive all are weak, so that a program that it is linked into may have its own. In the shared library they are
 * strong: a program's own come first there in any case, and valgrind replaces only strong symbols, so that it would
 * see no block of operator new.
 *
 * What new has to do when memory is refused (call the new handler, throw) is left to the C++ runtime: its operator new
 * asks malloc once more and does the rest. Nothing here needs the C++ runtime itself, so C programs do not load it. */
#include "lib/api/free.h"
#include "lib/api/malloc.h"
#include "lib/api/sized.h"
#include "lib/base/report.h"
#include "lib/harden/harden.h"

#include <hakmem/hakmem.h>

#include <dlfcn.h>
#include <stdlib.h>

#ifdef FOR_ARCHIVE
/* Of a static library the linker takes what is referred to: with the operators come malloc and free, which the C++
 * runtime calls beside them. */
__attribute__((used)) static void *(*const linked_with_new)(size_t) = malloc;
#endif

/* The C++ runtime's operator NAME: the next one after ours, or that of a runtime which only a plug-in and what it needs
 * can see. NULL if there is none. */
static void *runtime_operator(const char *name)
{
    static const char runtimes[][16] = {"libstdc++.so.6", "libc++.so.1", "libc++abi.so.1"};
    void *function = dlsym(RTLD_NEXT, name);
    for (size_t i = 0; function == NULL && i < sizeof runtimes / sizeof *runtimes; i++) {
        void *runtime = dlopen(runtimes[i], RTLD_LAZY | RTLD_NOLOAD);
        if (runtime != NULL) {
            function = dlsym(runtime, name);
            dlclose(runtime);
        }
    }
    return function;
}

/* Where the C++ runtime is linked in, it has no operators beside ours, but what they are made of: std::get_new_handler
 * and std::__throw_bad_alloc, if the program uses them elsewhere. */
typedef void (*new_handler)(void);
extern new_handler get_new_handler(void) __asm__("_ZSt15get_new_handlerv") __attribute__((weak));
_Noreturn extern void throw_bad_alloc(void) __asm__("_ZSt17__throw_bad_allocv") __attribute__((weak));

/* What is undefined otherwise the C++ runtime refuses, without asking the new handler; and so do we. */
static bool is_power_of_two(size_t alignment)
{
    return alignment != 0 && (alignment & (alignment - 1)) == 0;
}

static void *take_aligned(size_t size, size_t alignment)
{
    return LIKELY(is_power_of_two(alignment)) ? hak_memalign(alignment, size) : NULL;
}

/* NULL when there is no new handler any more. What the handler throws leaves nothrow new as well: C cannot catch it. */
static COLD void *take_after_handler(size_t size, size_t alignment)
{
    void *block = NULL;
    if (!is_power_of_two(alignment))
        return NULL;
    for (new_handler handler; block == NULL && get_new_handler != NULL && (handler = get_new_handler()) != NULL;) {
        handler();
        block = take_aligned(size, alignment);
    }
    return block;
}

static COLD void *take_after_handler_or_throw(size_t size, size_t alignment)
{
    void *block = take_after_handler(size, alignment);
    if (block != NULL)
        return block;
    if (throw_bad_alloc != NULL)
        throw_bad_alloc();
    report_fatal("operator new: out of memory, and no C++ runtime to throw std::bad_alloc");
}

static COLD void *new_refused(size_t size, const char *name)
{
    void *(*function)(size_t) = (void *(*)(size_t))runtime_operator(name);
    return function != NULL ? function(size) : take_after_handler_or_throw(size, BLOCK_ALIGNMENT);
}

static COLD void *new_aligned_refused(size_t size, size_t alignment, const char *name)
{
    void *(*function)(size_t, size_t) = (void *(*)(size_t, size_t))runtime_operator(name);
    return function != NULL ? function(size, alignment) : take_after_handler_or_throw(size, alignment);
}

/* m is size_t, St11align_val_t an alignment, RKSt9nothrow_t a reference to std::nothrow (Itanium C++ ABI, 5.1); w and l
 * are the plain forms, a those for arrays. */
#ifdef FOR_ARCHIVE
#define REPLACEABLE __attribute__((weak))
#else
#define REPLACEABLE
#endif
#define OPERATOR(type, name, ...)                  \
    HAK_EXPORT REPLACEABLE type name(__VA_ARGS__); \
    type name(__VA_ARGS__)
#define OPERATOR_FAST(type, name, ...) OPERATOR(HAK_EXPORT_FAST type, name, __VA_ARGS__)

OPERATOR_FAST(void *, _Znwm, size_t size)
{
    void *block = malloc_fast(size);
    return LIKELY(block != NULL) ? block : new_refused(size, "_Znwm");
}

OPERATOR(void *, _ZnwmSt11align_val_t, size_t size, size_t alignment)
{
    void *block = take_aligned(size, alignment);
    return LIKELY(block != NULL) ? block : new_aligned_refused(size, alignment, "_ZnwmSt11align_val_t");
}

OPERATOR(void *, _Znam, size_t size)
{
    return _Znwm(size);
}

OPERATOR(void *, _ZnamSt11align_val_t, size_t size, size_t alignment)
{
    return _ZnwmSt11align_val_t(size, alignment);
}

/* Nothrow new catches what the form throws that it is defined by. Where that is ours nothing is thrown; a program's own
 * is called by the C++ runtime's nothrow new, as C cannot catch. */
static void *our_new(size_t size) __attribute__((alias("_Znwm")));
static void *our_new_array(size_t size) __attribute__((alias("_Znam")));
static void *our_new_aligned(size_t size, size_t alignment) __attribute__((alias("_ZnwmSt11align_val_t")));
static void *our_new_array_aligned(size_t size, size_t alignment) __attribute__((alias("_ZnamSt11align_val_t")));

/* FORM is what the operator NAME is defined by, and is called from here only where there is no runtime to call it. */
static COLD void *nothrow_by_runtime(size_t size, const void *tag, const char *name, void *(*form)(size_t))
{
    void *(*function)(size_t, const void *) = (void *(*)(size_t, const void *))runtime_operator(name);
    if (function != NULL)
        return function(size, tag);
    return form == our_new ? take_after_handler(size, BLOCK_ALIGNMENT) : form(size);
}

static COLD void *nothrow_aligned_by_runtime(size_t size, size_t alignment, const void *tag, const char *name,
                                             void *(*form)(size_t, size_t))
{
    void *(*function)(size_t, size_t, const void *) = (void *(*)(size_t, size_t, const void *))runtime_operator(name);
    if (function != NULL)
        return function(size, alignment, tag);
    return form == our_new_aligned ? take_after_handler(size, alignment) : form(size, alignment);
}

OPERATOR_FAST(void *, _ZnwmRKSt9nothrow_t, size_t size, const void *tag)
{
    void *block = LIKELY(_Znwm == our_new) ? malloc_fast(size) : NULL;
    return LIKELY(block != NULL) ? block : nothrow_by_runtime(size, tag, "_ZnwmRKSt9nothrow_t", _Znwm);
}

OPERATOR(void *, _ZnwmSt11align_val_tRKSt9nothrow_t, size_t size, size_t alignment, const void *tag)
{
    void *block = LIKELY(_ZnwmSt11align_val_t == our_new_aligned) ? take_aligned(size, alignment) : NULL;
    return LIKELY(block != NULL)
               ? block
               : nothrow_aligned_by_runtime(size, alignment, tag, "_ZnwmSt11align_val_tRKSt9nothrow_t",
                                            _ZnwmSt11align_val_t);
}

static void *our_new_nothrow(size_t size, const void *tag) __attribute__((alias("_ZnwmRKSt9nothrow_t")));
static void *our_new_aligned_nothrow(size_t size, size_t alignment, const void *tag)
    __attribute__((alias("_ZnwmSt11align_val_tRKSt9nothrow_t")));

OPERATOR(void *, _ZnamRKSt9nothrow_t, size_t size, const void *tag)
{
    return LIKELY(_Znam == our_new_array) ? our_new_nothrow(size, tag)
                                          : nothrow_by_runtime(size, tag, "_ZnamRKSt9nothrow_t", _Znam);
}

OPERATOR(void *, _ZnamSt11align_val_tRKSt9nothrow_t, size_t size, size_t alignment, const void *tag)
{
    return LIKELY(_ZnamSt11align_val_t == our_new_array_aligned)
               ? our_new_aligned_nothrow(size, alignment, tag)
               : nothrow_aligned_by_runtime(size, alignment, tag, "_ZnamSt11align_val_tRKSt9nothrow_t",
                                            _ZnamSt11align_val_t);
}

/* The size and the alignment are known from the page map. Where both are said the call is rare enough to look at the
 * size. */
static void our_delete(void *pointer) __attribute__((alias("_ZdlPv")));
static void our_delete_aligned(void *pointer, size_t alignment) __attribute__((alias("_ZdlPvSt11align_val_t")));

#pragma GCC diagnostic ignored "-Wunused-parameter"
/* clang-format off */
OPERATOR_FAST(void, _ZdlPv, void *pointer) { free_fast(pointer); }
OPERATOR_FAST(void, _ZdlPvSt11align_val_t, void *pointer, size_t alignment) { free_fast(pointer); }

OPERATOR(void, _ZdlPvm, void *pointer, size_t size)
{
    if (LIKELY(!harden_is_on) || _ZdlPv != our_delete || !sized_is_not_object(pointer, size, BLOCK_ALIGNMENT))
        _ZdlPv(pointer);
}
OPERATOR(void, _ZdlPvRKSt9nothrow_t, void *pointer, const void *tag) { _ZdlPv(pointer); }
OPERATOR(void, _ZdlPvmSt11align_val_t, void *pointer, size_t size, size_t alignment)
{
    bool wrong = _ZdlPvSt11align_val_t == our_delete_aligned &&
                 (UNLIKELY(harden_is_on) ? sized_is_not_object(pointer, size, alignment)
                                         : sized_is_wrong(pointer, size, "operator delete"));
    if (LIKELY(!wrong))
        _ZdlPvSt11align_val_t(pointer, alignment);
}
OPERATOR(void, _ZdlPvSt11align_val_tRKSt9nothrow_t, void *pointer, size_t alignment, const void *tag) { _ZdlPvSt11align_val_t(pointer, alignment); }

OPERATOR(void, _ZdaPv, void *pointer) { _ZdlPv(pointer); }
OPERATOR(void, _ZdaPvSt11align_val_t, void *pointer, size_t alignment) { _ZdlPvSt11align_val_t(pointer, alignment); }

OPERATOR(void, _ZdaPvm, void *pointer, size_t size) { _ZdaPv(pointer); }
OPERATOR(void, _ZdaPvRKSt9nothrow_t, void *pointer, const void *tag) { _ZdaPv(pointer); }
OPERATOR(void, _ZdaPvmSt11align_val_t, void *pointer, size_t size, size_t alignment) { _ZdaPvSt11align_val_t(pointer, alignment); }
OPERATOR(void, _ZdaPvSt11align_val_tRKSt9nothrow_t, void *pointer, size_t alignment, const void *tag) { _ZdaPvSt11align_val_t(pointer, alignment); }
/* clang-format on */
