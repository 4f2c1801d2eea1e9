// An echo server on one thread: epoll; what a connection does not take at once it is sent when it does, and until then
// nothing is received from it.
#define _GNU_SOURCE
#include "../socket/measure.h"
#include <sys/epoll.h>

enum { ROOM = 64 * 1024, MOST = 20000 };

// What is left for each connection, by its descriptor: most have nothing, and no memory.
static struct rest {
    char *data;
    size_t from, to;
} rests[MOST];

static int epoll;

static void watch(int operation, int fd, unsigned events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, operation, fd, &event) != 0)
        die("epoll_ctl");
}

static void end(int fd) {
    free(rests[fd].data);
    rests[fd] = (struct rest){0};
    close(fd);
}

static void send_rest(int fd) {
    struct rest *rest = &rests[fd];
    ssize_t sent = send(fd, rest->data + rest->from, rest->to - rest->from, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        return end(fd);
    rest->from += sent > 0 ? sent : 0;
    if (rest->from == rest->to) {
        free(rest->data);
        *rest = (struct rest){0};
        watch(EPOLL_CTL_MOD, fd, EPOLLIN);
    }
}

static void answer(int fd) {
    static char buffer[ROOM];
    ssize_t received = recv(fd, buffer, sizeof buffer, 0);
    if (received < 0 && errno == EAGAIN)
        return;
    if (received <= 0)
        return end(fd);
    ssize_t sent = send(fd, buffer, received, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        return end(fd);
    if (sent < received) {
        size_t gone = sent > 0 ? sent : 0, left = received - gone;
        rests[fd] = (struct rest){.data = malloc(left), .from = 0, .to = left};
        if (rests[fd].data == NULL)
            die("malloc");
        memcpy(rests[fd].data, buffer + gone, left);
        watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
    }
}

int main(void) {
    begin();
    pin(FIRST);
    raise_descriptor_limit();
    int server = listener();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(EPOLL_CTL_ADD, server, EPOLLIN);
    for (;;) {
        struct epoll_event events[1024];
        int count = epoll_wait(epoll, events, 1024, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd != server) {
                (rests[fd].data != NULL ? send_rest : answer)(fd);
                continue;
            }
            fd = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0 || fd >= MOST)
                die("accept");
            no_delay(fd);
            watch(EPOLL_CTL_ADD, fd, EPOLLIN);
        }
    }
}
