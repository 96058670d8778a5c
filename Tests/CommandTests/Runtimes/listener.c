// Listens on a port of every IPv4 address until it is killed.
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || listen(listener, 1) < 0) return 1;
    for (;;) pause();
}
