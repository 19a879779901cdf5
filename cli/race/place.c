/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See place.h. */
#include "config.h"

#include "cli/race/place.h"

#include "cli/race/reaper.h"
#include "lib/base/splitmix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Below those that the kernel gives to clients, whose connections would be in the way. */
#define FIRST_PORT 10240
#define LAST_PORT 32767
#define MOST_TRIES 1000
#define CONNECT_LIMIT_MS 200

/* A command line may hold it without quotes. */
static const char *parent_directory(void)
{
    const char *directory = getenv("TMPDIR");
    bool plain =
        directory && directory[0] == '/' &&
        directory[strspn(directory, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.,/")] == '\0';
    return plain ? directory : "/tmp";
}

static char *make_directory(void)
{
    char *path;
    if (asprintf(&path, "%s/hakmem-run-XXXXXX", parent_directory()) < 0)
        return NULL;
    if (mkdtemp(path)) {
        chmod(path, 0755); /* a server may change its user */
        reaper_watch_directory(path);
        return path;
    }
    int error = errno;
    free(path);
    errno = error;
    return NULL;
}

static struct sockaddr_in loopback(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* Whether a server could listen there. */
static bool is_free(unsigned port)
{
    struct sockaddr_in address = loopback(port);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool bound = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return bound;
}

/* Each contender of each race gets another one: the next in an order of its own that is free. */
static unsigned choose_port(void)
{
    static uint64_t random;
    if (random == 0)
        random = (uint64_t)getpid() ^ (uint64_t)time(NULL) << 20;
    for (int i = 0; i < MOST_TRIES; i++) {
        unsigned port = FIRST_PORT + (unsigned)(splitmix_next(&random) % (LAST_PORT - FIRST_PORT + 1));
        if (is_free(port))
            return port;
    }
    errno = EADDRINUSE;
    return 0;
}

/* ---- a network of its own ---- */

static int raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    request.ifr_flags = IFF_UP;
    int result = ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
    return result;
}

static int open_network(void)
{
    return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* A new namespace whose loopback is up. Returns 0 where that is not allowed; this thread stays where it is. */
static int make_network(void)
{
    int own = open_network(), network = -1;
    if (own < 0)
        return 0;
    if (unshare(CLONE_NEWNET) == 0) {
        if (raise_loopback() == 0)
            network = open_network();
        if (setns(own, CLONE_NEWNET) != 0)
            abort(); /* it would measure, and ask, in the wrong network from now on */
    }
    close(own);
    return network > 0 ? network : 0;
}

/* A socket in the network of PLACE, where it stays. */
static int open_socket(const struct place *place, int type)
{
    int own = place->network_fd ? open_network() : -1;
    if (own >= 0 && setns(place->network_fd, CLONE_NEWNET) != 0) {
        close(own);
        return -1;
    }
    int fd = socket(AF_INET, type, 0);
    if (own >= 0 && setns(own, CLONE_NEWNET) != 0)
        abort();
    if (own >= 0)
        close(own);
    return fd;
}

/* ---- all of it ---- */

static bool needs_network(const struct workload *work)
{
    return work->ready.kind == WORKLOAD_READY_TCP && !workload_mentions(work, WORDS_PORT);
}

int place_init(struct place *place, const struct workload *work, bool all_at_once)
{
    *place = (struct place){0};
    if (workload_mentions(work, WORDS_DIRECTORY) && !(place->directory = make_directory()))
        return -1;
    if (workload_mentions(work, WORDS_PORT) && !(place->port = choose_port())) {
        place_release(place);
        errno = EADDRINUSE;
        return -1;
    }
    if (all_at_once && needs_network(work))
        place->network_fd = make_network();
    return 0;
}

void place_release(struct place *place)
{
    if (place->directory) {
        reaper_remove_directory(place->directory);
        reaper_forget_directory(place->directory);
    }
    if (place->network_fd)
        close(place->network_fd);
    free(place->directory);
    *place = (struct place){0};
}

bool place_port_answers(const struct place *place, unsigned port)
{
    struct sockaddr_in address = loopback(port);
    int fd = open_socket(place, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK), error = 0;
    if (fd < 0)
        return false;
    bool connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    struct pollfd done = {.fd = fd, .events = POLLOUT};
    socklen_t size = sizeof error;
    if (!connected && errno == EINPROGRESS && poll(&done, 1, CONNECT_LIMIT_MS) == 1)
        connected = getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    close(fd);
    return connected;
}

bool place_port_is_taken(const struct place *place, unsigned port)
{
    struct sockaddr_in address = loopback(port);
    int fd = open_socket(place, SOCK_STREAM | SOCK_CLOEXEC), yes = 1;
    if (fd < 0)
        return false;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes); /* connections that have just ended are nobody's */
    bool taken = bind(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno == EADDRINUSE;
    close(fd);
    return taken || place_port_answers(place, port);
}
