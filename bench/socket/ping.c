// Round trips of 64 bytes: `ping <connections> <count> <port> <process>`. Each connection has one message on its way.
// One connection is on the server's core, many are on another. Prints `rate`, round trips a second, and
// `cpu`, the server's processor time for each, in nanoseconds.
#define _GNU_SOURCE
#include "measure.h"
#include <sys/epoll.h>

static char message[64];

static void say(int fd) {
    if (send(fd, message, sizeof message, MSG_NOSIGNAL) != sizeof message)
        die("send");
}

static void hear(int fd) {
    if (recv(fd, message, sizeof message, MSG_WAITALL) != sizeof message)
        die("recv");
}

static void trips_of_one(int fd, long count) {
    for (long i = 0; i < count; i++) {
        say(fd);
        hear(fd);
    }
}

static void trips_of_many(int epoll, long count) {
    struct epoll_event events[1024];
    for (long done = 0; done < count;) {
        int ready = epoll_wait(epoll, events, 1024, -1);
        for (int i = 0; i < ready; i++, done++) {
            hear(events[i].data.fd);
            say(events[i].data.fd);
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 5)
        return 2;
    int connections = atoi(argv[1]), port = atoi(argv[3]);
    long count = atol(argv[2]);
    pid_t server = atoi(argv[4]);
    begin();
    pin(connections == 1 ? FIRST : LAST);
    raise_descriptor_limit();
    int epoll = epoll_create1(EPOLL_CLOEXEC), fd = -1;
    for (int i = 0; i < connections; i++) {
        fd = connected_to(port);
        no_delay(fd);
        trips_of_one(fd, 1);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
            die("epoll_ctl");
        if (connections > 1)
            say(fd);
    }
    double start = 0, begun = 0;
    // The first tenth is for warming up.
    for (int part = 0; part < 2; part++) {
        begun = busy(server), start = nanoseconds(CLOCK_MONOTONIC);
        long trips = part == 0 ? count / 10 : count;
        if (connections == 1)
            trips_of_one(fd, trips);
        else
            trips_of_many(epoll, trips);
    }
    double taken = nanoseconds(CLOCK_MONOTONIC) - start, worked = busy(server) - begun;
    printf("rate=%.0f cpu=%.1f\n", count / taken * 1e9, worked / count);
}
