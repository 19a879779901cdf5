/* SPDX-License-Identifier: MIT */
/* Messages, memory and numbers of the harness itself. Everything here works without malloc. */
#include "config.h"

#include "bench/support.h"

#include "lib/base/splitmix.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Room for the longest line; a longer one is cut. */
#define MESSAGE_SIZE 512

static void print_line(const char *format, va_list arguments)
{
    char line[MESSAGE_SIZE];
    size_t start = (size_t)snprintf(line, sizeof(line), "hakmem-bench: ");
    size_t space = sizeof(line) - start - 1;
    int text = vsnprintf(line + start, space, format, arguments);
    size_t length = start + (text < 0 ? 0 : (size_t)text < space ? (size_t)text : space - 1);
    line[length++] = '\n';
    /* nobody listens: there is nobody to tell either */
    if (write(STDERR_FILENO, line, length) < 0)
        return;
}

void bench_warn(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
}

void bench_die(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
    _exit(status);
}

void bench_out_of_memory(size_t size)
{
    bench_die(BENCH_EXIT_FAILED, "malloc(%zu) gave NULL: out of memory; nothing was measured", size);
}

void bench_block_overwritten(const void *block)
{
    bench_die(BENCH_EXIT_FAILED,
              "the block at %p does not hold what was written into it: the allocator handed it out twice", block);
}

void *bench_map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        bench_die(BENCH_EXIT_FAILED, "cannot map %zu bytes for the harness: out of memory; nothing was measured", size);
    return memory;
}

bool bench_parse_number(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *number)
{
    uint64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
            return false;
    }
    if (value < minimum || value > maximum)
        return false;
    *number = value;
    return true;
}

uint32_t bench_random_start(uint64_t seed, uint64_t index)
{
    /* Neighbouring seeds and workers must not start alike. */
    uint32_t random = (uint32_t)splitmix_scatter(seed * SPLITMIX_STEP + (index + 1) * UINT64_C(0xbf58476d1ce4e5b9));
    return random ? random : 1;
}

/* The number, in KiB, of one line of /proc/self/status, in bytes; 0 if there is none. */
static uint64_t status_line(const char *name)
{
    char text[4096]; /* the whole file has about 1500 bytes */
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t length = read(file, text, sizeof(text) - 1);
    close(file);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    const char *line = strstr(text, name);
    return line ? strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

uint64_t bench_resident_bytes(void)
{
    return status_line("\nVmRSS:");
}

uint64_t bench_peak_resident_bytes(void)
{
    /* Not ru_maxrss: that one is inherited across exec and would show a larger parent's. */
    return status_line("\nVmHWM:");
}
