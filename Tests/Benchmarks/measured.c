// measured COMMAND [ARGUMENT ...]: runs a program and tells what it took.
//
// Prints "status S ns T cpu_ns C resident_bytes R" on descriptor 3. A process begins with the peak memory
// of the one it was made from (man 2 getrusage, ru_maxrss), so that one has to be small: this one.
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t cpu(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

int main(int count, char **arguments) {
    if (count < 2) return 2;
    uint64_t start = nanoseconds();
    pid_t child = fork();
    if (child < 0) {
        perror("measured: cannot fork");
        return 1;
    }
    if (child == 0) {
        close(3);
        execvp(arguments[1], arguments + 1);
        fprintf(stderr, "measured: cannot run %s: %s\n", arguments[1], strerror(errno));
        _exit(127);
    }
    int status;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR) return 1;
    dprintf(3, "status %d ns %ju cpu_ns %ju resident_bytes %ju\n",
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            (uintmax_t)(nanoseconds() - start),
            (uintmax_t)(cpu(usage.ru_utime) + cpu(usage.ru_stime)),
            (uintmax_t)usage.ru_maxrss * 1024);
    return 0;
}
