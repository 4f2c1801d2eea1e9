// What a call costs: `call pair <count>`, `call would-block <count>`. Prints `ns`, processor time per turn.
#define _GNU_SOURCE
#include "measure.h"

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    begin();
    pin(FIRST);
    int pair = strcmp(argv[1], "pair") == 0;
    long count = atol(argv[2]);
    int fd[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | (pair ? 0 : SOCK_NONBLOCK), 0, fd) != 0)
        die("socketpair");
    char data[64] = {0}, buffer[64];
    clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
    double start = nanoseconds(clock);
    if (pair) {
        for (long i = 0; i < count; i++) {
            if (send(fd[0], data, sizeof data, MSG_NOSIGNAL) != sizeof data)
                die("send");
            if (recv(fd[1], buffer, sizeof buffer, 0) != sizeof buffer)
                die("recv");
        }
    } else {
        for (long i = 0; i < count; i++)
            if (recv(fd[1], buffer, sizeof buffer, 0) != -1 || errno != EAGAIN)
                die("recv");
    }
    printf("ns=%.2f\n", (nanoseconds(clock) - start) / count);
}
