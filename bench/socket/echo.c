// An echo server on one thread: epoll, one recv and one send per message.
#define _GNU_SOURCE
#include "measure.h"
#include <sys/epoll.h>

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        die("epoll_ctl");
}

static void answer(int fd) {
    static char buffer[128];
    ssize_t received = recv(fd, buffer, sizeof buffer, 0);
    if (received > 0 && send(fd, buffer, received, MSG_NOSIGNAL) == received)
        return;
    if (received < 0 && errno == EAGAIN)
        return;
    close(fd);
}

int main(void) {
    begin();
    pin(FIRST);
    raise_descriptor_limit();
    int server = listener();
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(epoll, server);
    for (;;) {
        struct epoll_event events[1024];
        int count = epoll_wait(epoll, events, 1024, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd != server) {
                answer(events[i].data.fd);
                continue;
            }
            int fd = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0)
                die("accept");
            no_delay(fd);
            watch(epoll, fd);
        }
    }
}
