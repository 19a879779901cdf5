/* SPDX-License-Identifier: MIT */
/* A program of known allocations, for what is said of them: tests/sample/files.tap. */
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCKS 2000
#define BYTES 3072 /* a size class of its own */

static volatile size_t length = BYTES; /* so that no function is made for it alone, with a name of its own */
static void *kept[4 * BLOCKS];
static int count;

static __attribute__((noinline)) void *forgotten(size_t bytes)
{
    void *block = malloc(bytes); /* LINE */
    memset(block, 1, bytes);
    return block;
}

static __attribute__((noinline)) void keep_blocks(void)
{
    for (int i = 0; i < BLOCKS; i++)
        kept[count++] = forgotten(length);
}

/* As many more that nobody keeps. */
static __attribute__((noinline)) void use_blocks(void)
{
    for (int i = 0; i < BLOCKS; i++)
        free(forgotten(length));
}

static int leak(void)
{
    keep_blocks();
    use_blocks();
    return 0;
}

/* Twice, with a signal after each. */
static int with_signals(void)
{
    keep_blocks();
    raise(SIGUSR1);
    keep_blocks();
    raise(SIGUSR1);
    return 0;
}

/* Between two signals alone. */
static int between_signals(void)
{
    keep_blocks();
    raise(SIGUSR2);
    keep_blocks();
    raise(SIGUSR2);
    keep_blocks();
    return 0;
}

static int in_fork(void)
{
    keep_blocks();
    pid_t child = fork();
    if (child == 0) {
        keep_blocks();
        return 0;
    }
    int status;
    waitpid(child, &status, 0);
    printf("%d %d\n", (int)getpid(), (int)child);
    return status;
}

static int by_functions(const char *file)
{
    bool (*start)(void) = (bool (*)(void))dlsym(RTLD_DEFAULT, "hak_heap_profile_start");
    void (*stop)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "hak_heap_profile_stop");
    bool (*dump)(const char *) = (bool (*)(const char *))dlsym(RTLD_DEFAULT, "hak_heap_profile_dump");
    if (start == NULL || stop == NULL || dump == NULL || dump(NULL) || !start())
        return 1;
    keep_blocks();
    stop();
    keep_blocks();
    return !dump(file) || dump("/none/such");
}

int main(int arguments, char **argument)
{
    const char *what = arguments > 1 ? argument[1] : "leak";
    if (strcmp(what, "signals") == 0)
        return with_signals();
    if (strcmp(what, "toggle") == 0)
        return between_signals();
    if (strcmp(what, "fork") == 0)
        return in_fork();
    if (strcmp(what, "exec") == 0)
        return execl(argument[0], argument[0], "leak", NULL);
    if (strcmp(what, "functions") == 0)
        return by_functions(argument[2]);
    return leak();
}
