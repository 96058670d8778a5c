// What the files of tcptable_testload share; main.c says what the program does.
#ifndef TESTLOAD_H
#define TESTLOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
    // More than the kernel facts this load proves were measured with; 2 rows and about 5 KiB a pair.
    PAIRS_MAX = 1000000,
    // Enough for PAIRS_MAX at a descriptor limit of 2,048 a process.
    PROCESSES_MAX = 1024,
    // Kept free of pairs in each process: standard streams, pipes, a listener, and room to spare.
    DESCRIPTORS_RESERVED = 32,
    // A process uses no more descriptors than this, even where its limit allows it.
    DESCRIPTORS_MAX = 20000,
};

/// What the command line asks for.
struct plan {
    uint32_t pairs;
    uint32_t processes;
    bool churns;
    bool uses_ipv6;
    bool keeps_listening;
};

/// A listener on loopback and the address to reach it at.
struct listener {
    int descriptor;
    struct sockaddr_storage address;
    socklen_t address_bytes;
};

/// The two ends of one connection.
struct pair {
    int client;
    int server;
};

/// Says on standard error what was tried and why it failed (errno), and exits with status 1.
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// Listens on a loopback address of its own for each `index` (IPv4: 127.1.0.1 and up; IPv6 has only
/// ::1), on a port that the kernel picks. Every listener so gives its clients the whole range of
/// ephemeral ports anew: a port is in use only together with its destination.
struct listener open_listener(uint32_t index, bool uses_ipv6);

/// Connects to the listener and accepts. Both ends have SO_LINGER 0, so that closing them, even by
/// dying, resets the connection and leaves no TIME_WAIT row.
struct pair open_pair(const struct listener *listener);

/// A child's work: opens `pairs` connections, reports their number through `report` as it goes (a
/// native uint32_t a message), closes the listeners, unless the plan keeps them, and sleeps until it is
/// killed.
_Noreturn void hold_pairs(uint32_t index, uint32_t pairs, const struct plan *plan, int report);

/// A child's work: opens and closes connections until it is killed, and reports the first as 1.
_Noreturn void churn(uint32_t index, bool uses_ipv6, int report);

#endif
