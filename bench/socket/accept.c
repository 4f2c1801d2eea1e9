// A server that takes connections and closes them: `accept blocking`, `accept epoll`.
#define _GNU_SOURCE
#include "measure.h"
#include <fcntl.h>
#include <sys/epoll.h>

// Who it is, is taken too, as everybody's accept does.
static int taken(int server, int flags) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    return accept4(server, (struct sockaddr *)&address, &length, flags | SOCK_CLOEXEC);
}

static void blocking(int server) {
    for (;;) {
        int fd = taken(server, 0);
        if (fd < 0)
            die("accept");
        close(fd);
    }
}

static void by_epoll(int server) {
    if (fcntl(server, F_SETFL, O_NONBLOCK) != 0)
        die("fcntl");
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, server, &event) != 0)
        die("epoll_ctl");
    for (;;) {
        int fd = taken(server, SOCK_NONBLOCK);
        if (fd >= 0)
            close(fd);
        else if (errno != EAGAIN)
            die("accept");
        else
            epoll_wait(epoll, &event, 1, -1);
    }
}

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    begin();
    pin(FIRST);
    int server = listener();
    if (strcmp(argv[1], "epoll") == 0)
        by_epoll(server);
    else
        blocking(server);
}
