// What the children do: sockets, and nothing else.
#define _GNU_SOURCE
#include "testload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    // The narrowest ephemeral range anybody should run has more ports than this; the default, 28,232.
    PAIRS_PER_LISTENER = 4000,
    LISTENERS_PER_PROCESS_MAX = (DESCRIPTORS_MAX / 2 + PAIRS_PER_LISTENER - 1) / PAIRS_PER_LISTENER,
    // Pairs between two reports: often enough for a progress line, too rarely to cost anything.
    PAIRS_PER_REPORT = 250,
};

_Noreturn void fail(const char *format, ...) {
    int error = errno;
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    fprintf(stderr, "tcptable_testload: %s: %s\n", what, strerror(error));
    exit(1);
}

// 127.1.0.1 and up: 127.0.0.1 stays free for the programs of this machine.
static void set_ipv4(struct listener *listener, uint32_t index) {
    struct sockaddr_in *address = (struct sockaddr_in *)&listener->address;
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(0x7f010001 + index);
    listener->address_bytes = sizeof *address;
}

static void set_ipv6(struct listener *listener) {
    struct sockaddr_in6 *address = (struct sockaddr_in6 *)&listener->address;
    address->sin6_family = AF_INET6;
    address->sin6_addr = in6addr_loopback;
    listener->address_bytes = sizeof *address;
}

struct listener open_listener(uint32_t index, bool uses_ipv6) {
    struct listener listener = {.descriptor = -1};
    if (uses_ipv6) set_ipv6(&listener);
    else set_ipv4(&listener, index);
    struct sockaddr *address = (struct sockaddr *)&listener.address;

    listener.descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener.descriptor < 0) fail("cannot open the socket of listener %u", index);
    if (bind(listener.descriptor, address, listener.address_bytes) < 0)
        fail("cannot bind listener %u to loopback", index);
    if (listen(listener.descriptor, 16) < 0) fail("cannot listen with listener %u", index);
    if (getsockname(listener.descriptor, address, &listener.address_bytes) < 0)
        fail("cannot ask the address of listener %u", index);
    return listener;
}

static void reset_on_close(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) < 0)
        fail("cannot set SO_LINGER");
}

struct pair open_pair(const struct listener *listener) {
    const struct sockaddr *address = (const struct sockaddr *)&listener->address;
    struct pair pair = {.client = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (pair.client < 0) fail("cannot open a client's socket");
    reset_on_close(pair.client);
    if (connect(pair.client, address, listener->address_bytes) < 0)
        fail("cannot connect to loopback port %u",
             ntohs(((const struct sockaddr_in *)address)->sin_port));
    pair.server = accept4(listener->descriptor, NULL, NULL, SOCK_CLOEXEC);
    if (pair.server < 0) fail("cannot accept a connection");
    reset_on_close(pair.server);
    return pair;
}

static void send_report(int report, uint32_t count) {
    if (write(report, &count, sizeof count) != sizeof count) fail("cannot report progress");
}

// Returns how many pairs are not reported yet: while the listener is open, the table has a row more
// than the load says, so the last report is for the time after it may close.
static uint32_t open_pairs(
    const struct listener *listener, struct pair *pairs, uint32_t count, int report) {
    uint32_t unreported = 0;
    for (uint32_t opened = 0; opened < count; opened++) {
        if (unreported == PAIRS_PER_REPORT) {
            send_report(report, unreported);
            unreported = 0;
        }
        pairs[opened] = open_pair(listener);
        unreported++;
    }
    return unreported;
}

// Replaces a hundredth of the pairs by new ones, and says how many.
static void renew_pairs(
    const struct listener *listener, struct pair *pairs, uint32_t count, int report) {
    uint32_t renewed = (count + 99) / 100;
    for (uint32_t index = 0; index < renewed; index++) {
        close(pairs[index].client);
        close(pairs[index].server);
    }
    for (uint32_t index = 0; index < renewed; index++) pairs[index] = open_pair(listener);
    send_report(report, renewed);
}

_Noreturn void hold_pairs(uint32_t index, uint32_t pairs, const struct plan *plan, int report) {
    uint32_t first_listener = index * LISTENERS_PER_PROCESS_MAX;
    struct pair *held = calloc(pairs, sizeof *held);
    if (held == NULL) fail("cannot remember %u pairs", pairs);
    sigset_t renewal;
    sigemptyset(&renewal);
    sigaddset(&renewal, SIGUSR1);
    if (sigprocmask(SIG_BLOCK, &renewal, NULL) < 0) fail("cannot block SIGUSR1");
    struct listener listener;
    uint32_t opened = 0;
    for (uint32_t number = 0; opened < pairs; number++) {
        uint32_t rest = pairs - opened;
        uint32_t count = rest < PAIRS_PER_LISTENER ? rest : PAIRS_PER_LISTENER;
        listener = open_listener(first_listener + number, plan->uses_ipv6);
        uint32_t unreported = open_pairs(&listener, held + opened, count, report);
        if (!plan->keeps_listening) close(listener.descriptor);
        send_report(report, unreported);
        opened += count;
    }
    for (;;) {
        int signal = 0;
        if (sigwait(&renewal, &signal) != 0) continue;
        if (!plan->keeps_listening) listener = open_listener(first_listener, plan->uses_ipv6);
        renew_pairs(&listener, held, pairs, report);
        if (!plan->keeps_listening) close(listener.descriptor);
    }
}

_Noreturn void churn(uint32_t index, bool uses_ipv6, int report) {
    struct listener listener = open_listener(index * LISTENERS_PER_PROCESS_MAX, uses_ipv6);
    for (bool is_first = true;; is_first = false) {
        struct pair pair = open_pair(&listener);
        if (is_first) send_report(report, 1);
        close(pair.client);
        close(pair.server);
    }
}
