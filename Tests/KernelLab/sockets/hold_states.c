// hold_states: sockets in each of TCP's eleven states, on IPv4 and IPv6, until it is killed.
//
// For each row that the kernel's table has of them it prints a line
//     ROW family=ipv4 state=fin_wait1 via=holder
// and at last READY. via says how its owner can be told: by the descriptor that this program holds,
// by the listener (not accepted yet), by the cgroup (closed by the program and not yet by TCP), or
// by nothing (a minisocket). How each state comes about is told in Tests/Support/TestSupport,
// SocketScenario.swift, which this follows.
#define _GNU_SOURCE
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "sockets.h"

static const char held[] = "holder", by_listener[] = "listener", by_cgroup[] = "cgroup";
static const char by_nothing[] = "nothing";

static void row(int family, const char *state, const char *via) {
    printf("ROW family=%s state=%s via=%s\n", family_label(family), state, via);
}

static void listening(int family) {
    listen_on_loopback(family, 0);
    row(family, "listen", held);
}

static void not_accepted(int family) {
    connect_to(listen_on_loopback(family, 0), family);
    row(family, "listen", held);
    row(family, "established", held);
    row(family, "established", by_listener);
}

// The kernel drops the handshake's last packet until data comes, so the server has but a request.
static void syn_received(int family) {
    connect_to(listen_on_loopback(family, 1), family);
    row(family, "listen", held);
    row(family, "established", held);
    row(family, "syn_recv", by_listener);
}

static void syn_sent(int family) {
    await_state(connect_in_vain(family), TCP_SYN_SENT);
    row(family, "syn_sent", held);
}

static void established(int family) {
    connect_pair(family, family);
    row(family, "established", held);
    row(family, "established", held);
}

static void fin_wait1(int family) {
    struct pair pair = connect_pair(family, family);
    drop_received(pair.server);
    finish(pair.client);
    await_state(pair.client, TCP_FIN_WAIT1);
    row(family, "fin_wait1", held);
    row(family, "established", held);
}

static void finish_before(int first, int second) {
    finish(first);
    await_state(first, TCP_FIN_WAIT2);
    await_state(second, TCP_CLOSE_WAIT);
}

static void fin_wait2(int family) {
    struct pair pair = connect_pair(family, family);
    finish_before(pair.client, pair.server);
    row(family, "fin_wait2", held);
    row(family, "close_wait", held);
}

static void closing(int family) {
    struct pair pair = connect_pair(family, family);
    drop_received(pair.server);
    finish(pair.client);
    await_state(pair.client, TCP_FIN_WAIT1);
    finish(pair.server);
    await_state(pair.client, TCP_CLOSING);
    row(family, "closing", held);
    row(family, "fin_wait1", held);
}

static void last_ack(int family) {
    struct pair pair = connect_pair(family, family);
    finish_before(pair.server, pair.client);
    drop_received(pair.server);
    finish(pair.client);
    await_state(pair.client, TCP_LAST_ACK);
    row(family, "last_ack", held);
    row(family, "fin_wait2", held);
}

static void time_wait(int family) {
    struct pair pair = connect_pair(family, family);
    finish_before(pair.client, pair.server);
    close_gracefully(pair.server);
    // The kernel replaces the socket by a minisocket, and leaves the descriptor a closed one.
    await_state(pair.client, TCP_CLOSE);
    close(pair.client);
    row(family, "time_wait", by_nothing);
}

// Dumps show a socket that is bound and nothing else since Linux 6.8, as close.
static void bound(int family) {
    struct utsname kernel;
    int major, minor;
    if (uname(&kernel) < 0 || sscanf(kernel.release, "%d.%d", &major, &minor) != 2)
        fail("cannot ask for the kernel's release");
    bind_on_loopback(family);
    if (major > 6 || (major == 6 && minor >= 8)) row(family, "close", held);
}

static void orphaned_fin_wait1(int family) {
    struct pair pair = connect_pair(family, family);
    drop_received(pair.server);
    close_gracefully(pair.client);
    row(family, "fin_wait1", by_cgroup);
    row(family, "established", held);
}

static void orphaned_fin_wait2(int family) {
    struct pair pair = connect_pair(family, family);
    finish_before(pair.client, pair.server);
    close_gracefully(pair.client);
    row(family, "fin_wait2", by_nothing);
    row(family, "close_wait", held);
}

// A connection between the families: the IPv6 end has IPv4-mapped addresses.
static void dual_stack(void) {
    connect_pair(AF_INET, AF_INET6);
    row(AF_INET, "established", held);
    row(AF_INET6, "established", held);
}

int main(void) {
    void (*const scenarios[])(int) = {
        listening, not_accepted, syn_received, syn_sent, established, fin_wait1, fin_wait2, closing,
        last_ack, time_wait, bound, orphaned_fin_wait1, orphaned_fin_wait2,
    };
    for (size_t index = 0; index < sizeof scenarios / sizeof *scenarios; index++) {
        scenarios[index](AF_INET);
        scenarios[index](AF_INET6);
    }
    dual_stack();
    puts("READY");
    fflush(stdout);
    for (;;) pause();
}
