/* SPDX-License-Identifier: MIT */
/* A program that has little more memory than it uses: 2.5 MB in 512 blocks of very different sizes, which come and go.
 * The kernel counts addresses (RLIMIT_AS) or what may be written (RLIMIT_DATA), and what the allocator has mapped for
 * later counts as well. Hardly a request may be refused, and each that is leaves everything as it was.
 *
 * tight as|data KIB: with so much above what is mapped after the first malloc.
 * tight locked 0: where the process locks all memory that it gets. */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define SLOTS 512
#define REQUESTS 40000
/* The C library's allocator refuses 27 where 4,000 KiB are left. */
#define MOST_REFUSED 120

static struct {
    unsigned char *block;
    size_t bytes;
    uint64_t seed;
} slot[SLOTS];

static uint64_t state = 88172645463325252;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static size_t random_size(void)
{
    uint64_t kind = next_random() % 1000;
    return 1 + next_random() % (kind < 900 ? KIB : kind < 995 ? 40 * KIB : 600 * KIB);
}

/* A figure of /proc/self/status, in bytes. */
static size_t figure(const char *name)
{
    char line[256];
    size_t kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtoul(line + strlen(name) + 1, NULL, 10);
    if (file != NULL)
        fclose(file);
    return kib * KIB;
}

static bool limit(bool addresses, size_t more)
{
    size_t now = figure(addresses ? "VmSize" : "VmData");
    struct rlimit most = {.rlim_cur = now + more, .rlim_max = RLIM_INFINITY};
    return now != 0 && setrlimit(addresses ? RLIMIT_AS : RLIMIT_DATA, &most) == 0;
}

/* The block in slot I, or what realloc makes of it, is NULL: it was refused. */
static void *request(size_t i, size_t bytes, bool *resized)
{
    *resized = slot[i].block != NULL && next_random() % 8 == 0;
    if (*resized)
        return realloc(slot[i].block, bytes);
    free(slot[i].block);
    slot[i].block = NULL;
    return next_random() % 4 == 0 ? calloc(1, bytes) : malloc(bytes);
}

static void test_requests(void)
{
    unsigned refused = 0;
    bool intact = true, enomem = true;
    for (unsigned count = 0; count < REQUESTS; count++) {
        size_t i = next_random() % SLOTS, bytes = random_size();
        bool resized;
        intact = intact && (slot[i].block == NULL || pattern_holds(slot[i].block, slot[i].bytes, slot[i].seed));
        errno = 0;
        unsigned char *block = request(i, bytes, &resized);
        if (block == NULL) {
            refused++;
            enomem = enomem && errno == ENOMEM;
            continue;
        }
        size_t kept = slot[i].bytes < bytes ? slot[i].bytes : bytes;
        intact = intact && (!resized || pattern_holds(block, kept, slot[i].seed));
        slot[i].block = block;
        slot[i].bytes = bytes;
        slot[i].seed = count;
        pattern_fill(block, bytes, count);
    }
    tap_ok(refused <= MOST_REFUSED, "at most %d of %d requests are refused (%u)", MOST_REFUSED, REQUESTS, refused);
    tap_ok(enomem, "with ENOMEM");
    tap_ok(intact, "all blocks are intact");
}

/* What the allocator maps is resident at once where the process locks its memory. */
static void test_locked(void)
{
    enum { BLOCKS = 1000, LARGE = 5 };
    if (mlockall(MCL_FUTURE) != 0) {
        tap_skip("memory cannot be locked here (errno %d)", errno);
        return;
    }
    size_t before = figure("VmLck");
    for (size_t i = 0; i < BLOCKS; i++)
        free(malloc(i));
    void *block = malloc(LARGE * MIB);
    size_t locked = figure("VmLck") - before;
    tap_ok(block != NULL && locked >= LARGE * MIB && locked <= (LARGE + 2) * MIB,
           "where memory is locked a block of 5 MiB, and some small ones, take at most 7 (%zu KiB)", locked / KIB);
    free(block);
}

int main(int argc, char **argv)
{
    if (argc != 3 || allocator_load("") != NULL)
        return 99;
    free(malloc(1));
    if (tap_in_emulator())
        tap_skip("an emulator heeds no limit of the address space");
    else if (strcmp(argv[1], "locked") == 0)
        test_locked();
    else if (!limit(strcmp(argv[1], "as") == 0, strtoul(argv[2], NULL, 10) * KIB))
        tap_skip("memory cannot be limited here");
    else
        test_requests();
    return tap_done();
}
