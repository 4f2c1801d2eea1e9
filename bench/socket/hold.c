// Idle connections: `hold <count> <port> <process>`. Each has made one round trip of 64 bytes; then the server waits on
// all of them. Prints `bytes`, by which the server's own memory (RssAnon) grew for each.
#define _GNU_SOURCE
#include "measure.h"

static double memory_of(const char *process) {
    char path[64], line[256];
    long kib = -1;
    snprintf(path, sizeof path, "/proc/%s/status", process);
    FILE *status = fopen(path, "r");
    if (status == NULL)
        die(path);
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "RssAnon: %ld kB", &kib) == 1)
            break;
    fclose(status);
    if (kib < 0)
        die("RssAnon");
    return kib * 1024.0;
}

static void visit(int port) {
    char message[64] = {0};
    int fd = connected_to(port);
    no_delay(fd);
    if (send(fd, message, sizeof message, MSG_NOSIGNAL) != sizeof message)
        die("send");
    if (recv(fd, message, sizeof message, MSG_WAITALL) != sizeof message)
        die("recv");
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    int count = atoi(argv[1]), port = atoi(argv[2]);
    begin();
    pin(FIRST);
    raise_descriptor_limit();
    visit(port);
    double before = memory_of(argv[3]);
    for (int i = 0; i < count; i++)
        visit(port);
    printf("bytes=%.0f\n", (memory_of(argv[3]) - before) / count);
}
