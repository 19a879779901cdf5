/* SPDX-License-Identifier: MIT */
/* A server and its load, for tests/race/server.tap. Freestanding but for the C library.
 *
 * service serve PORT MOOD: answers each connection with one letter. What MOOD changes:
 *   plain       nothing
 *   quiet       nobody is listened to
 *   holds       it has the port for itself alone, and nobody is listened to
 *   slow        it listens after 300 ms, then writes "ready to serve"
 *   exits       it ends with status 3 at the 20th connection
 *   crashes     it aborts at the 20th connection
 *   restless    it ends with status 4, 100 ms after the last connection
 *   stays       it ignores SIGTERM
 *   breaks      it aborts at SIGTERM
 *   background  it leaves the foreground
 *   family      it has a child in a session of its own, and an orphan in another
 *   gives       it holds 64 MiB from the first connection on, until there has been none for 50 ms
 * service load PORT COUNT [MIB]: so many connections one after the other, with so much memory. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FATEFUL_CONNECTION 20
#define GIVEN_BYTES (64l << 20)

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static struct sockaddr_in address_of(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static char *hold(long bytes)
{
    char *memory = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fail("mmap");
    memset(memory, 1, (size_t)bytes);
    return memory;
}

/* A child, or an orphan, in a session of its own. */
static void start_relative(int orphan)
{
    if (fork() != 0)
        return;
    if (orphan && fork() != 0)
        _exit(0);
    setsid();
    for (;;)
        pause();
}

static void abort_at(int signal_number)
{
    (void)signal_number;
    abort();
}

static void begin(const char *mood)
{
    if (strcmp(mood, "background") == 0 && fork() != 0)
        exit(0);
    if (strcmp(mood, "family") == 0) {
        start_relative(0);
        start_relative(1);
    }
    if (strcmp(mood, "stays") == 0)
        signal(SIGTERM, SIG_IGN);
    if (strcmp(mood, "breaks") == 0)
        signal(SIGTERM, abort_at);
    while (strcmp(mood, "quiet") == 0)
        pause();
    if (strcmp(mood, "slow") == 0)
        usleep(300000);
}

static int listen_at(const char *port, const char *mood)
{
    struct sockaddr_in address = address_of(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0), shared = strcmp(mood, "holds") != 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &shared, sizeof shared);
    if (!shared && bind(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        fprintf(stderr, "has the port\n");
        for (;;)
            pause();
    }
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 64) != 0)
        fail("cannot listen");
    return fd;
}

static void answer(int fd, const char *mood, int count)
{
    int connection = accept(fd, NULL, NULL);
    if (connection < 0)
        fail("accept");
    if (count == FATEFUL_CONNECTION && strcmp(mood, "exits") == 0)
        exit(3);
    if (count == FATEFUL_CONNECTION && strcmp(mood, "crashes") == 0)
        abort();
    if (write(connection, "x", 1) != 1)
        errno = 0; /* a client that only looks has gone by now */
    close(connection);
}

static int serve(const char *port, const char *mood)
{
    char *memory = NULL;
    begin(mood);
    struct pollfd input = {.fd = listen_at(port, mood), .events = POLLIN};
    fprintf(stderr, "ready to serve\n");
    signal(SIGPIPE, SIG_IGN);
    for (int count = 0;;) {
        int limit_ms = strcmp(mood, "restless") == 0 && count > 1 ? 100 : memory ? 50 : -1;
        if (poll(&input, 1, limit_ms) == 1) {
            answer(input.fd, mood, ++count);
            if (!memory && strcmp(mood, "gives") == 0)
                memory = hold(GIVEN_BYTES);
        } else if (memory) {
            munmap(memory, GIVEN_BYTES);
            memory = NULL;
        } else {
            exit(4);
        }
    }
}

static int load(const char *port, int count, long mib)
{
    struct sockaddr_in address = address_of(port);
    if (mib > 0)
        hold(mib << 20);
    for (int i = 0; i < count; i++) {
        char letter;
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
            fail("cannot connect");
        if (read(fd, &letter, 1) != 1)
            fail("no answer");
        close(fd);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2], argv[3]);
    if (argc > 3 && strcmp(argv[1], "load") == 0)
        return load(argv[2], atoi(argv[3]), argc > 4 ? atol(argv[4]) : 0);
    fprintf(stderr, "usage: service serve PORT MOOD | load PORT COUNT [MIB]\n");
    return 2;
}
