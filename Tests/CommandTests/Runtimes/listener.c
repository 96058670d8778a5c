// listener [PORT]: listens on a port of every IPv4 address, any one if none is given, until it is ended.
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **arguments) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(count > 1 ? atoi(arguments[1]) : 0)};
    if (listener < 0) return 1;
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) < 0) return 1;
    if (listen(listener, 1) < 0) return 1;
    // The first process of a PID namespace takes no signal that it does not ask for.
    signal(SIGTERM, _exit);
    for (;;) pause();
}
