// Datagrams one way, a thread and a core for each end: `udp single|batch|segment <size> <milliseconds>`. Prints
// `rate`, datagrams received a second, and `loss`, how many of a hundred sent did not arrive.
#define _GNU_SOURCE
#include "measure.h"
#include <netinet/udp.h>
#include <pthread.h>
#include <stdatomic.h>

enum { BATCH = 64, BUFFER = 65535, SEND_MAX = 65000 };

static const char *mode;
static int size, port, segments;
static double milliseconds;
static atomic_bool heard_the_end;

static int is(const char *name) {
    return strcmp(mode, name) == 0;
}

static int socket_of_udp(void) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    return fd;
}

// Sends what one call takes; returns how many datagrams that were.
static long send_some(int fd, struct mmsghdr *messages, const char *data) {
    if (is("batch")) {
        int sent = sendmmsg(fd, messages, BATCH, MSG_NOSIGNAL);
        if (sent < 0)
            die("sendmmsg");
        return sent;
    }
    int count = is("segment") ? segments : 1;
    if (send(fd, data, (size_t)count * size, MSG_NOSIGNAL) != count * size)
        die("send");
    return count;
}

// Sends until the time is over, then says so, by datagrams of one byte, until it was heard.
static void *sender(void *result) {
    static char data[SEND_MAX];
    struct iovec piece = {.iov_base = data, .iov_len = size};
    struct mmsghdr messages[BATCH];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < BATCH; i++)
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &piece, .msg_iovlen = 1};
    pin(LAST);
    int fd = socket_of_udp();
    struct sockaddr_in address = loopback(port);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("connect");
    if (is("segment") && setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof size) != 0)
        die("UDP_SEGMENT");
    long sent = 0;
    double end = nanoseconds(CLOCK_MONOTONIC) + milliseconds * 1e6;
    while (nanoseconds(CLOCK_MONOTONIC) < end)
        for (int i = 0; i < 16; i++)
            sent += send_some(fd, messages, data);
    while (!atomic_load(&heard_the_end)) {
        if (send(fd, data, 1, MSG_NOSIGNAL) != 1)
            die("send");
        sched_yield();
    }
    *(long *)result = sent;
    return NULL;
}

// What was read of them all, so that it is read.
static volatile unsigned seen;

// Looks at each datagram among the `length` bytes of one receive. 0 for the end, else how many there are.
static long datagrams(const char *data, ssize_t length, int segment) {
    if (length < 0)
        die("recv");
    if (segment == 0)
        segment = length;
    unsigned sum = 0;
    long count = 0;
    for (ssize_t at = 0; at < length; at += segment, count++) {
        if (length - at == 1)
            return 0;
        sum += (unsigned char)data[at];
    }
    seen += sum;
    return count;
}

static int segment_size(struct msghdr *message) {
    int found = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
            memcpy(&found, CMSG_DATA(c), sizeof found);
    return found;
}

static long receive_single(int fd) {
    static char buffer[BUFFER];
    long received = 0, more;
    while ((more = datagrams(buffer, recv(fd, buffer, sizeof buffer, 0), 0)) > 0)
        received += more;
    return received;
}

static long receive_batches(int fd) {
    static char buffer[BATCH][2048];
    struct iovec pieces[BATCH];
    struct mmsghdr messages[BATCH];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec){.iov_base = buffer[i], .iov_len = sizeof buffer[i]};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
    }
    for (long received = 0;;) {
        int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        if (count < 0)
            die("recvmmsg");
        for (int i = 0; i < count; i++, received++)
            if (datagrams(buffer[i], messages[i].msg_len, 0) == 0)
                return received;
    }
}

static long receive_segments(int fd) {
    static char buffer[BUFFER];
    int on = 1;
    if (setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on) != 0)
        die("UDP_GRO");
    for (long received = 0;;) {
        char control[CMSG_SPACE(sizeof(int))];
        struct iovec piece = {.iov_base = buffer, .iov_len = sizeof buffer};
        struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        ssize_t length = recvmsg(fd, &message, 0);
        long more = datagrams(buffer, length, segment_size(&message));
        if (more == 0)
            return received;
        received += more;
    }
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    mode = argv[1];
    size = atoi(argv[2]);
    milliseconds = atof(argv[3]);
    segments = size * BATCH <= SEND_MAX ? BATCH : SEND_MAX / size;
    begin();
    pthread_t thread;
    long sent = 0;
    int fd = socket_of_udp(), room = 4 << 20;
    struct sockaddr_in address = loopback(0);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("bind");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room) != 0)
        die("SO_RCVBUF");
    port = port_of(fd);
    double start = nanoseconds(CLOCK_MONOTONIC);
    if ((errno = pthread_create(&thread, NULL, sender, &sent)) != 0)
        die("pthread_create");
    pin(FIRST);
    long received = is("batch") ? receive_batches(fd) : is("segment") ? receive_segments(fd) : receive_single(fd);
    double taken = nanoseconds(CLOCK_MONOTONIC) - start;
    atomic_store(&heard_the_end, 1);
    pthread_join(thread, NULL);
    printf("rate=%.0f loss=%.2f\n", received / taken * 1e9, 100.0 * (sent - received) / sent);
}
