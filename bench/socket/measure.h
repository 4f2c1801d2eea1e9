// What each C program measures with: clocks, one core, a port to be found at, the end of its parent.
// A program that is to be measured prints `name=value` pairs on one line, a server `listening <port>`.
#ifndef MEASURE_H
#define MEASURE_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static inline void die(const char *what) {
    perror(what);
    exit(1);
}

// Ends with whoever started us.
static inline void begin(void) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        die("prctl");
}

enum core { FIRST, LAST };

// Stays on the first or the last core of those we were given.
static inline void pin(enum core which) {
    cpu_set_t given, one;
    if (sched_getaffinity(0, sizeof given, &given) != 0)
        die("sched_getaffinity");
    int core = -1;
    for (int i = 0; i < CPU_SETSIZE && (core < 0 || which == LAST); i++)
        if (CPU_ISSET(i, &given))
            core = i;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0)
        die("sched_setaffinity");
}

// Nanoseconds on a clock: CLOCK_MONOTONIC, or the processor time of a process.
static inline double nanoseconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0)
        die("clock_gettime");
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static inline clockid_t processor_time_of(pid_t process) {
    clockid_t clock;
    if ((errno = clock_getcpuclockid(process, &clock)) != 0)
        die("clock_getcpuclockid");
    return clock;
}

// The parent of a process; 0 for one that is gone.
static inline pid_t parent_of(pid_t process) {
    char path[32], line[512];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    FILE *stat = fopen(path, "r");
    if (stat == NULL)
        return 0;
    // The name is in brackets, and may have brackets in it.
    if (fgets(line, sizeof line, stat) != NULL && strrchr(line, ')') != NULL)
        sscanf(strrchr(line, ')'), ") %*c %d", &parent);
    fclose(stat);
    return parent;
}

// The processor time of a process, of those that it has started, and of theirs, in nanoseconds.
static inline double busy(pid_t process) {
    enum { MOST = 32768 };
    static pid_t process_of[MOST], parent[MOST];
    static char counts[MOST];
    int known = 0, more = 1;
    DIR *processes = opendir("/proc");
    if (processes == NULL)
        die("/proc");
    for (struct dirent *entry; (entry = readdir(processes)) != NULL && known < MOST;)
        if ((process_of[known] = atoi(entry->d_name)) > 0) {
            counts[known] = process_of[known] == process;
            parent[known] = parent_of(process_of[known]);
            known++;
        }
    closedir(processes);
    // A child may be listed before its parent.
    while (more--)
        for (int child = 0; child < known; child++)
            for (int one = 0; one < known && !counts[child]; one++)
                if (counts[one] && process_of[one] == parent[child])
                    counts[child] = more = 1;
    double sum = 0;
    for (int one = 0; one < known; one++)
        if (counts[one])
            sum += nanoseconds(processor_time_of(process_of[one]));
    return sum;
}

static inline struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static inline int port_of(int fd) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        die("getsockname");
    return ntohs(address.sin_port);
}

// A TCP listener on a free port, which it prints.
static inline int listener(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 4096) != 0)
        die("listen");
    printf("listening %d\n", port_of(fd));
    fflush(stdout);
    return fd;
}

static inline int connected_to(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(port);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("connect");
    return fd;
}

static inline void no_delay(int fd) {
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        die("TCP_NODELAY");
}

// As many descriptors as we may have.
static inline void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        die("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        die("setrlimit");
}

#endif
