// Bulk one way through a program: `haul send|receive pipe|null <program> <argument>… <MiB>`. The program connects to port 7000 and
// sends what comes through a pipe, or listens there and writes what comes to a pipe that is read, or to /dev/null. It is on the
// first core, the other ends are on the last. Prints `rate`, bytes a second in millions, from the first to the end of the last, and `cpu`,
// the program's processor time for each MiB, in microseconds.
#define _GNU_SOURCE
#include "../socket/measure.h"
#include <fcntl.h>
#include <sys/wait.h>

enum { PORT = 7000, BLOCK = 128 * 1024, MIB = 1024 * 1024 };

static char block[BLOCK];

// Writes zeros, as much as wanted, and ends its side.
static void pour(int fd, long long bytes) {
    while (bytes > 0) {
        ssize_t count = write(fd, block, bytes < BLOCK ? bytes : BLOCK);
        if (count <= 0)
            die("write");
        bytes -= count;
    }
    if (shutdown(fd, SHUT_WR) != 0 && errno != ENOTSOCK)
        die("shutdown");
}

// Reads to the end: how much there was.
static long long drain(int fd) {
    long long bytes = 0;
    ssize_t count;
    while ((count = read(fd, block, BLOCK)) > 0)
        bytes += count;
    if (count < 0)
        die("read");
    return bytes;
}

static pid_t started(char **line, int in, int out) {
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child > 0)
        return child;
    begin();
    pin(FIRST);
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
        die("dup2");
    // The runner looks for figures, not for what is said.
    if (dup2(open("/dev/null", O_WRONLY), STDERR_FILENO) < 0)
        die("dup2");
    execvp(line[0], line);
    die(line[0]);
    return -1;
}

static int opened(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        die(path);
    return fd;
}

static void piped(int fd[2]) {
    if (pipe2(fd, O_CLOEXEC) != 0)
        die("pipe");
}

static int listening(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = loopback(PORT);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0)
        die("listen");
    return fd;
}

// A connection to the program, as soon as it listens.
static int called(void) {
    struct sockaddr_in address = loopback(PORT);
    for (double end = nanoseconds(CLOCK_MONOTONIC) + 1e10; nanoseconds(CLOCK_MONOTONIC) < end; sched_yield()) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
            return fd;
        close(fd);
    }
    die("connect");
    return -1;
}

// A process that pours into a descriptor.
static void pouring(int fd, long long bytes) {
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0) {
        begin();
        pour(fd, bytes);
        exit(0);
    }
    close(fd);
}

int main(int argc, char **argv) {
    if (argc < 5)
        return 2;
    int sends = strcmp(argv[1], "send") == 0, piping = strcmp(argv[2], "pipe") == 0;
    long long mib = atoll(argv[argc - 1]), bytes = mib * MIB, came = bytes;
    argv[argc - 1] = NULL;
    begin();
    pin(LAST);
    int in[2], out[2] = {-1, opened("/dev/null", O_WRONLY)};
    piped(in);
    if (piping && !sends)
        piped(out);
    int listener = sends ? listening() : -1;
    pid_t program = started(argv + 3, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    int connection = sends ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : called();
    if (connection < 0)
        die("accept");
    double start = nanoseconds(CLOCK_MONOTONIC);
    pouring(sends ? in[1] : connection, bytes);
    if (sends)
        came = drain(connection);
    else if (piping)
        came = drain(out[0]);
    if (sends)
        close(connection);
    else
        close(in[1]);
    struct rusage used;
    int status;
    if (wait4(program, &status, 0, &used) != program)
        die("wait4");
    double taken = nanoseconds(CLOCK_MONOTONIC) - start;
    if (came != bytes) {
        fprintf(stderr, "%lld of %lld bytes came\n", came, bytes);
        return 1;
    }
    double busy = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
    printf("rate=%.0f cpu=%.1f\n", bytes / taken * 1e3, busy / mib);
}
