#define _GNU_SOURCE
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// tcpmux, RFC 1078: nobody listens there, least of all in a guest that runs nothing else.
enum { CLOSED_PORT = 1 };

// Loopback delivers at once, but the guest is emulated: this is a limit, not a time to spend.
enum { WAIT_MILLISECONDS = 20000 };

_Noreturn void fail(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    exit(1);
}

static void check(int result, const char *what) {
    if (result < 0) fail(what);
}

const char *family_label(int family) {
    return family == AF_INET ? "ipv4" : "ipv6";
}

static void set_linger(int descriptor, int on) {
    struct linger linger = {.l_onoff = on, .l_linger = 0};
    check(
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger),
        "cannot set SO_LINGER");
}

int open_tcp(int family) {
    int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(descriptor, "cannot open a socket");
    set_linger(descriptor, 1);
    return descriptor;
}

union address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

static union address loopback(int family, int port) {
    union address address = {.any.sa_family = (sa_family_t)family};
    if (family == AF_INET) {
        address.ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.ipv4.sin_port = htons((uint16_t)port);
    } else {
        address.ipv6.sin6_addr = in6addr_loopback;
        address.ipv6.sin6_port = htons((uint16_t)port);
    }
    return address;
}

static int port_of(int descriptor) {
    union address address;
    socklen_t byte_count = sizeof address;
    check(getsockname(descriptor, &address.any, &byte_count), "cannot ask for the port");
    // The port lies at the same place in both.
    return ntohs(address.ipv4.sin_port);
}

static int bind_at(union address address) {
    int descriptor = open_tcp(address.any.sa_family);
    check(bind(descriptor, &address.any, sizeof address), "cannot bind");
    return descriptor;
}

int bind_on_loopback(int family) {
    return bind_at(loopback(family, 0));
}

static int listen_at(union address address, int deferring) {
    int descriptor = bind_at(address);
    int seconds = 60;
    if (deferring)
        check(
            setsockopt(descriptor, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds),
            "cannot set TCP_DEFER_ACCEPT");
    check(listen(descriptor, 16), "cannot listen");
    return descriptor;
}

int listen_on_loopback(int family, int deferring) {
    return listen_at(loopback(family, 0), deferring);
}

int connect_to(int listener, int client_family) {
    int client = open_tcp(client_family);
    union address address = loopback(client_family, port_of(listener));
    check(connect(client, &address.any, sizeof address), "cannot connect");
    return client;
}

struct pair connect_pair(int client_family, int server_family) {
    union address address = loopback(server_family, 0);
    if (client_family != server_family) address.ipv6.sin6_addr = in6addr_any;
    int listener = listen_at(address, 0);
    struct pair pair = {.client = connect_to(listener, client_family)};
    pair.server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    check(pair.server, "cannot accept");
    set_linger(pair.server, 1);
    close(listener);
    return pair;
}

int connect_in_vain(int family) {
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int client = socket(family, type, 0);
    check(client, "cannot open a socket");
    set_linger(client, 1);
    drop_received(client);
    union address address = loopback(family, CLOSED_PORT);
    if (connect(client, &address.any, sizeof address) == 0 || errno != EINPROGRESS)
        fail("cannot begin to connect");
    return client;
}

void finish(int descriptor) {
    check(shutdown(descriptor, SHUT_WR), "cannot shut a connection down");
}

void drop_received(int descriptor) {
    // One instruction: keep 0 bytes, which means to drop the packet.
    struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = 1, .filter = &drop};
    check(
        setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program),
        "cannot attach a socket filter");
}

void close_gracefully(int descriptor) {
    set_linger(descriptor, 0);
    close(descriptor);
}

void await_state(int descriptor, int state) {
    struct tcp_info info;
    for (int waited = 0; waited < WAIT_MILLISECONDS; waited++) {
        socklen_t byte_count = sizeof info;
        check(
            getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &byte_count),
            "cannot ask for the TCP state");
        if (info.tcpi_state == state) return;
        usleep(1000);
    }
    errno = ETIMEDOUT;
    fprintf(stderr, "state %d wanted, %d seen\n", state, info.tcpi_state);
    fail("cannot bring a socket into its state");
}
