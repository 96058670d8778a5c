// tcptable_actor: sockets as standard input says, a command a line; copies of it play other programs.
//
//   listen ADDRESS PORT BACKLOG   a listener
//   accept PORT COUNT             accepts so many connections of the listener at the port, and keeps them
//   connect ADDRESS PORT COUNT    so many connections, kept
//   fill ADDRESS PORT COUNT       the same, but does not wait for them
//   try ADDRESS PORT COUNT        connection attempts that get no answer: their packets are dropped
//   hangup COUNT                  closes the oldest of those that it connected
//   drop COUNT                    closes the oldest of those that it accepted
//
// Answers "done" to each, and ends when standard input does.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOCKETS_MAX = 2000, PORTS = 65536 };

struct sockets {
    int descriptors[SOCKETS_MAX];
    int first;
    int count;
};

static int listeners[PORTS];
static struct sockets connected, accepted;

_Noreturn static void fail(const char *what) {
    fprintf(stderr, "tcptable_actor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int check(int result, const char *what) {
    if (result < 0) fail(what);
    return result;
}

static void keep(struct sockets *sockets, int descriptor) {
    if (sockets->count == SOCKETS_MAX) fail("too many sockets");
    sockets->descriptors[sockets->count++] = descriptor;
}

static void close_oldest(struct sockets *sockets, int count) {
    for (; count > 0 && sockets->first < sockets->count; count--)
        close(sockets->descriptors[sockets->first++]);
}

static struct sockaddr_in address_of(const char *text, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, text, &address.sin_addr) != 1) fail(text);
    return address;
}

static int new_socket(int flags) {
    return check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), "socket");
}

static void listen_at(const char *text, int port, int backlog) {
    struct sockaddr_in address = address_of(text, port);
    int listener = new_socket(0), on = 1;
    check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
    check(bind(listener, (struct sockaddr *)&address, sizeof address), "bind");
    check(listen(listener, backlog), "listen");
    listeners[port] = listener;
}

static void drop_received(int descriptor) {
    struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog filter = {1, nothing};
    check(setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter),
          "SO_ATTACH_FILTER");
}

static void connect_to(const char *text, int port, bool waits, bool drops) {
    struct sockaddr_in address = address_of(text, port);
    int client = new_socket(waits ? 0 : SOCK_NONBLOCK);
    if (drops) drop_received(client);
    if (connect(client, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        fail("connect");
    keep(&connected, client);
}

static void obey(const char *line) {
    char verb[16] = "", text[64] = "";
    int port = 0, count = 0;
    if (sscanf(line, "%15s %63s %d %d", verb, text, &port, &count) == 4) {
        if (strcmp(verb, "listen") == 0) listen_at(text, port, count);
        for (; strcmp(verb, "listen") != 0 && count > 0; count--)
            connect_to(text, port, strcmp(verb, "connect") == 0, strcmp(verb, "try") == 0);
    } else if (sscanf(line, "accept %d %d", &port, &count) == 2) {
        for (; count > 0; count--)
            keep(&accepted, check(accept4(listeners[port], NULL, NULL, SOCK_CLOEXEC), "accept"));
    } else if (sscanf(line, "hangup %d", &count) == 1) {
        close_oldest(&connected, count);
    } else if (sscanf(line, "drop %d", &count) == 1) {
        close_oldest(&accepted, count);
    } else {
        fprintf(stderr, "tcptable_actor: no such command: %s", line);
        exit(2);
    }
    puts("done");
    fflush(stdout);
}

int main(void) {
    char line[256];
    while (fgets(line, sizeof line, stdin)) obey(line);
    return 0;
}
