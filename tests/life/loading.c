/* SPDX-License-Identifier: MIT */
/* dlopen and dlclose: plug-ins that allocate come and go under the preloaded library; and the library itself, loaded by
 * dlopen into a program that lives on the C library's allocator, serves the hak_ API there, in threads that end after
 * dlclose as well.
 *
 * loading plugin FILE | loading library FILE */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <pthread.h>
#include <stdlib.h>

#define LOADS 100

static void find(void *handle, const char *name, void *pointer)
{
    void *found = dlsym(handle, name);
    memcpy(pointer, &found, sizeof found);
}

static void test_plugin(const char *file)
{
    void *(*make)(size_t);
    void (*take)(void *);
    bool loaded = true, intact = true;
    void *last = NULL;
    for (size_t i = 0; i < LOADS && loaded; i++) {
        void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
        if (!handle) {
            tap_note("%s", dlerror());
            loaded = false;
            break;
        }
        find(handle, "plugin_make", &make);
        find(handle, "plugin_take", &take);
        size_t size = 1 + i * i * 7;
        char *block = make(size);
        intact = intact && block && block[0] == 0x42 && block[size - 1] == 0x42;
        take(malloc(size));
        free(last); /* made by a plug-in that is unloaded */
        last = block;
        loaded = dlclose(handle) == 0;
    }
    free(last);
    tap_ok(loaded, "a plug-in is loaded and unloaded %d times", LOADS);
    tap_ok(intact, "blocks go from plug-in to host and back");
}

struct loaded_library {
    void *(*malloc)(size_t);
    void (*free)(void *);
    pthread_barrier_t closed;
    bool intact;
};

static void *live_past_close(void *argument)
{
    struct loaded_library *library = argument;
    void *blocks[500];
    for (size_t i = 0; i < 500; i++) {
        blocks[i] = library->malloc(i * 50);
        pattern_fill(blocks[i], i * 50, i);
    }
    library->intact = true;
    for (size_t i = 0; i < 500; i++) {
        library->intact = library->intact && pattern_holds(blocks[i], i * 50, i);
        library->free(blocks[i]);
    }
    pthread_barrier_wait(&library->closed);
    pthread_barrier_wait(&library->closed);
    return NULL; /* the end of the thread is the library's business too */
}

static void test_library(const char *file)
{
    struct loaded_library library = {.intact = false};
#ifndef __GLIBC__
    tap_skip("the library has thread-local variables at fixed places (initial-exec), for which this C library's dlopen "
             "keeps no room");
    return;
#endif
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!tap_ok(handle != NULL, "dlopen loads the library")) {
        tap_note("%s", dlerror());
        return;
    }
    find(handle, "hak_malloc", &library.malloc);
    find(handle, "hak_free", &library.free);
    if (!tap_ok(library.malloc && library.free, "it has hak_malloc and hak_free"))
        return;
    pthread_t thread;
    pthread_barrier_init(&library.closed, NULL, 2);
    if (pthread_create(&thread, NULL, live_past_close, &library) != 0)
        exit(99);
    pthread_barrier_wait(&library.closed);
    int closed = dlclose(handle);
    pthread_barrier_wait(&library.closed);
    pthread_join(thread, NULL);
    tap_ok(closed == 0 && library.intact, "a thread that used it ends well after dlclose");
    free(malloc(1000));
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 99;
    if (strcmp(argv[1], "plugin") == 0)
        test_plugin(argv[2]);
    else
        test_library(argv[2]);
    return tap_done();
}
