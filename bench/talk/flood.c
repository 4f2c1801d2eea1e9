// Bulk there and back on one connection: `flood <MiB> <port> <process>`, from the last core. Writes of 64 KiB, and what comes
// back is read meanwhile. Prints `rate`, bytes a second each way, in millions, and `cpu`, the server's processor time for each
// MiB, in microseconds.
#define _GNU_SOURCE
#include "../socket/measure.h"
#include <poll.h>

enum { WRITE = 64 * 1024, READ = 256 * 1024, MIB = 1024 * 1024 };

static char out[WRITE], in[READ];

static void there_and_back(int fd, long long bytes) {
    long long sent = 0, back = 0;
    while (back < bytes) {
        struct pollfd event = {.fd = fd, .events = POLLIN | (sent < bytes ? POLLOUT : 0)};
        if (poll(&event, 1, -1) != 1)
            die("poll");
        if (event.revents & POLLOUT) {
            ssize_t count = send(fd, out, WRITE, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (count < 0 && errno != EAGAIN)
                die("send");
            sent += count > 0 ? count : 0;
        }
        if (event.revents & (POLLIN | POLLHUP)) {
            ssize_t count = recv(fd, in, READ, MSG_DONTWAIT);
            if (count == 0 || (count < 0 && errno != EAGAIN))
                die("recv");
            back += count > 0 ? count : 0;
        }
    }
    if (sent != back) {
        fprintf(stderr, "%lld sent, %lld came back\n", sent, back);
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    long long bytes = atoll(argv[1]) * MIB;
    pid_t server = atoi(argv[3]);
    begin();
    pin(LAST);
    int fd = connected_to(atoi(argv[2]));
    no_delay(fd);
    // The first tenth is for warming up.
    there_and_back(fd, bytes / 10 / WRITE * WRITE);
    double begun = busy(server), start = nanoseconds(CLOCK_MONOTONIC);
    there_and_back(fd, bytes);
    double taken = nanoseconds(CLOCK_MONOTONIC) - start, worked = busy(server) - begun;
    printf("rate=%.0f cpu=%.1f\n", bytes / taken * 1e3, worked / 1e3 / (bytes / MIB));
}
