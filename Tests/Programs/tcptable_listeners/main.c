// tcptable_listeners COMMAND: listeners, and what comes in by them or goes elsewhere, on loopback.
//
//   workers COUNT           listeners that share a port, backlog 8; 20 clients for each; all workers
//                           but the last accept
//   many COUNT FULL         listeners with backlog 1 at ports from 10000; the queue of the one with that
//                           number is full
//   drops accept|syn        a listener with backlog 4 at port 9000, and 30 clients that fill its accept
//                           queue, or its SYN queue (with tcp_syncookies 0); those that did not get
//                           through have given up
//   deferred COUNT          a listener at port 9000 with TCP_DEFER_ACCEPT, and connections with data
//   inbound                 listeners at 0.0.0.0:9000, [::]:9001 and 127.0.0.1:9002, with connections
//                           in several states
//   outbound [COUNT KIND PORT]...   connections to listeners at 127.0.0.1, KIND 4 or m (an IPv6 socket
//                           with a mapped address); says "free" or "exhausted" of one more to the first
//   bound INTERFACE         a listener at port 9000 that is bound to the interface, and one that is not
//
// Says "ready" when all is there, and ends when standard input does.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_PORT = 9000, MANY_PORT = 10000, CLIENTS = 30, BACKLOG = 4096 };

_Noreturn static void fail(const char *what) {
    fprintf(stderr, "tcptable_listeners: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int check(int result, const char *what) {
    if (result < 0) fail(what);
    return result;
}

_Noreturn static void hold(void) {
    puts("ready");
    fflush(stdout);
    char ignored[64];
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) {}
    exit(0);
}

union address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

// The text is an address of either family.
static union address address_of(const char *text, int port) {
    union address address = {0};
    if (inet_pton(AF_INET, text, &address.ipv4.sin_addr) == 1) {
        address.ipv4.sin_family = AF_INET;
        address.ipv4.sin_port = htons((uint16_t)port);
    } else {
        address.ipv6.sin6_family = AF_INET6;
        address.ipv6.sin6_port = htons((uint16_t)port);
        if (inet_pton(AF_INET6, text, &address.ipv6.sin6_addr) != 1) fail(text);
    }
    return address;
}

static int open_socket(int family, int flags) {
    return check(socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), "socket");
}

static void set(int descriptor, int level, int option, int value) {
    check(setsockopt(descriptor, level, option, &value, sizeof value), "setsockopt");
}

static int bind_at(union address address) {
    int descriptor = open_socket(address.any.sa_family, SOCK_NONBLOCK);
    set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
    check(bind(descriptor, &address.any, sizeof address), "bind");
    return descriptor;
}

static int listen_at(const char *text, int port, int backlog) {
    int descriptor = bind_at(address_of(text, port));
    check(listen(descriptor, backlog), "listen");
    return descriptor;
}

// Loopback completes a handshake before this returns, if there is room for it.
static int try_to_connect(const char *text, int port) {
    union address address = address_of(text, port);
    int descriptor = open_socket(address.any.sa_family, SOCK_NONBLOCK);
    if (connect(descriptor, &address.any, sizeof address) < 0 && errno != EINPROGRESS) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

static int state_of(int descriptor) {
    struct tcp_info info;
    socklen_t byte_count = sizeof info;
    check(getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &byte_count), "TCP_INFO");
    return info.tcpi_state;
}

static void await_state(int descriptor, int state) {
    for (int tries = 0; state_of(descriptor) != state; tries++) {
        if (tries > 5000) fail("a socket does not come into its state");
        usleep(1000);
    }
}

static int connect_to(const char *text, int port) {
    int descriptor = check(try_to_connect(text, port), "connect");
    await_state(descriptor, TCP_ESTABLISHED);
    return descriptor;
}

// Those that did not get through would try again, and be dropped again.
static void give_up(const int *clients, int count) {
    for (int index = 0; index < count; index++)
        if (state_of(clients[index]) == TCP_SYN_SENT) close(clients[index]);
}

static void workers(int count) {
    int listeners[64], clients[64 * 20];
    if (count < 1 || count > 64) exit(2);
    for (int index = 0; index < count; index++)
        listeners[index] = listen_at("127.0.0.1", FIRST_PORT, 8);
    // One after the other: all but the last worker accept in between, so that they never fill up.
    for (int index = 0; index < count * 20; index++) {
        clients[index] = check(try_to_connect("127.0.0.1", FIRST_PORT), "connect");
        for (int worker = 0; worker < count - 1; worker++)
            while (accept4(listeners[worker], NULL, NULL, SOCK_CLOEXEC) >= 0) {}
    }
    give_up(clients, count * 20);
}

static void many(int count, int full) {
    for (int index = 0; index < count; index++) listen_at("127.0.0.1", MANY_PORT + index, 1);
    for (int index = 0; index < 2; index++) connect_to("127.0.0.1", MANY_PORT + full);
}

// With deferred acceptance, a connection stays in the SYN queue until data comes; the packet that
// would complete its handshake is one that the kernel counts among the socket's drops, but not among
// the namespace's.
static void drops(bool is_syn_queue) {
    int clients[CLIENTS], listener = bind_at(address_of("127.0.0.1", FIRST_PORT));
    if (is_syn_queue) set(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 60);
    check(listen(listener, 4), "listen");
    for (int index = 0; index < CLIENTS; index++)
        clients[index] = check(try_to_connect("127.0.0.1", FIRST_PORT), "connect");
    give_up(clients, CLIENTS);
}

// Connections that none of the queues is too short for.
static void deferred(int count) {
    int listener = bind_at(address_of("127.0.0.1", FIRST_PORT));
    set(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 60);
    check(listen(listener, BACKLOG), "listen");
    for (int index = 0; index < count; index++) {
        int client = connect_to("127.0.0.1", FIRST_PORT);
        check((int)write(client, "x", 1), "write");
    }
}

static void finish(int descriptor) {
    check(shutdown(descriptor, SHUT_WR), "shutdown");
}

// Two connections are established, and the others are close_wait, fin_wait2 and time_wait at the
// listener's end.
static void come_in(int listener, const char *text, int port) {
    int clients[5], servers[5];
    for (int index = 0; index < 5; index++) {
        clients[index] = connect_to(text, port);
        servers[index] = check(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
    }
    finish(clients[2]);
    await_state(servers[2], TCP_CLOSE_WAIT);
    finish(servers[3]);
    await_state(servers[3], TCP_FIN_WAIT2);
    finish(servers[4]);
    await_state(clients[4], TCP_CLOSE_WAIT);
    close(clients[4]);
    await_state(servers[4], TCP_CLOSE);  // A minisocket took its place.
    close(servers[4]);
}

static void inbound(void) {
    int ipv4 = listen_at("0.0.0.0", FIRST_PORT, BACKLOG);
    int dual = listen_at("::", FIRST_PORT + 1, BACKLOG);
    int exact = listen_at("127.0.0.1", FIRST_PORT + 2, BACKLOG);
    come_in(ipv4, "127.0.0.1", FIRST_PORT);
    come_in(ipv4, "127.0.0.2", FIRST_PORT);
    come_in(dual, "::1", FIRST_PORT + 1);
    come_in(dual, "127.0.0.1", FIRST_PORT + 1);
    come_in(exact, "127.0.0.1", FIRST_PORT + 2);
    for (int index = 0; index < 3; index++) connect_to("127.0.0.1", FIRST_PORT);  // not accepted
    // A socket that is bound and nothing else did not come in.
    bind_at(address_of("127.0.0.1", FIRST_PORT));
}

static int reach(const char *kind, int port) {
    return try_to_connect(kind[0] == 'm' ? "::ffff:127.0.0.1" : "127.0.0.1", port);
}

static void outbound(int count, char **triples) {
    for (int index = 0; index + 2 < count; index += 3) {
        int port = atoi(triples[index + 2]);
        bool is_new = true;
        for (int before = 2; before < index; before += 3) is_new &= atoi(triples[before]) != port;
        if (is_new) listen_at("0.0.0.0", port, BACKLOG);
        for (int number = 0; number < atoi(triples[index]); number++)
            await_state(check(reach(triples[index + 1], port), "connect"), TCP_ESTABLISHED);
    }
    int one_more = count > 2 ? reach("4", atoi(triples[2])) : -1;
    puts(one_more < 0 && errno == EADDRNOTAVAIL ? "exhausted" : "free");
    if (one_more >= 0) {
        struct linger reset = {.l_onoff = 1};
        setsockopt(one_more, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(one_more);
    }
}

static void bound(const char *interface) {
    int descriptor = open_socket(AF_INET, 0);
    union address address = address_of("0.0.0.0", FIRST_PORT);
    set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
    check(
        setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, interface, strlen(interface) + 1),
        "SO_BINDTODEVICE");
    check(bind(descriptor, &address.any, sizeof address), "bind");
    check(listen(descriptor, 8), "listen");
    listen_at("0.0.0.0", FIRST_PORT, 16);
    connect_to("127.0.0.1", FIRST_PORT);
}

int main(int argc, char **argv) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    const char *command = argc > 1 ? argv[1] : "";
    if (strcmp(command, "workers") == 0 && argc == 3) workers(atoi(argv[2]));
    else if (strcmp(command, "many") == 0 && argc == 4) many(atoi(argv[2]), atoi(argv[3]));
    else if (strcmp(command, "drops") == 0 && argc == 3) drops(strcmp(argv[2], "syn") == 0);
    else if (strcmp(command, "deferred") == 0 && argc == 3) deferred(atoi(argv[2]));
    else if (strcmp(command, "inbound") == 0) inbound();
    else if (strcmp(command, "outbound") == 0) outbound(argc - 2, argv + 2);
    else if (strcmp(command, "bound") == 0 && argc == 3) bound(argv[2]);
    else {
        fputs("tcptable_listeners: unknown command\n", stderr);
        return 2;
    }
    hold();
}
