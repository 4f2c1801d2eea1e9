// Runs a program that does not pin itself: `pinned <program> <argument>…`, on the first core, and ends it with us. What it
// says of itself goes to stdout: that is where the runner looks for its port.
#define _GNU_SOURCE
#include "../socket/measure.h"

int main(int argc, char **argv) {
    if (argc < 2)
        return 2;
    begin();
    pin(FIRST);
    if (dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
        die("dup2");
    execvp(argv[1], argv + 1);
    die(argv[1]);
}
