// Short connections, 64 at a time: `knock <count> <port> <process>`, on the server's core. Prints `rate`, connections
// a second, and `cpu`, the server's processor time for each, in nanoseconds.
#define _GNU_SOURCE
#include "measure.h"

enum { AT_ONCE = 64 };

static void knock(int port) {
    int fd[AT_ONCE];
    // A reset, so that no port stays taken for a minute by a connection that is over.
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    for (int i = 0; i < AT_ONCE; i++)
        fd[i] = connected_to(port);
    for (int i = 0; i < AT_ONCE; i++) {
        char byte;
        if (recv(fd[i], &byte, 1, 0) != 0)
            die("recv");
        if (setsockopt(fd[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset) != 0)
            die("SO_LINGER");
        close(fd[i]);
    }
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    long count = atol(argv[1]), done = 0;
    int port = atoi(argv[2]);
    clockid_t servers = processor_time_of(atoi(argv[3]));
    begin();
    pin(FIRST);
    knock(port);
    double start = nanoseconds(CLOCK_MONOTONIC), begun = nanoseconds(servers);
    for (; done < count; done += AT_ONCE)
        knock(port);
    double taken = nanoseconds(CLOCK_MONOTONIC) - start, busy = nanoseconds(servers) - begun;
    printf("rate=%.0f cpu=%.1f\n", done / taken * 1e9, busy / done);
}
