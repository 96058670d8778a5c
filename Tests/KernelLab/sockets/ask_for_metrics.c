// ask_for_metrics PATH FILE: asks the exporter on a Unix socket for /metrics, prints its answer, and writes
// into the file how many milliseconds that took. Such a socket is in no table, and the guest's shell has no
// tool that speaks to one.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";

static long long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

int main(int argument_count, char **arguments) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    long long start = now_ms();
    if (argument_count != 3 || descriptor < 0) return 2;
    strncpy(address.sun_path, arguments[1], sizeof address.sun_path - 1);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0 ||
        write(descriptor, request, sizeof request - 1) < 0) {
        perror(arguments[1]);
        return 1;
    }
    char buffer[4096];
    ssize_t count;
    while ((count = read(descriptor, buffer, sizeof buffer)) > 0)
        fwrite(buffer, 1, (size_t)count, stdout);
    FILE *file = fopen(arguments[2], "w");
    if (file == NULL) return 2;
    fprintf(file, "%lld\n", now_ms() - start);
    fclose(file);
    return count < 0;
}
