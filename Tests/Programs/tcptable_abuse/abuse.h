// What the files of tcptable_abuse share; main.c says what the program does.
#ifndef ABUSE_H
#define ABUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    // Descriptors that are not connections: standard streams, epoll, a timer.
    DESCRIPTORS_RESERVED = 16,
    // So many addresses of 127.1.0.0/16 clients can come from.
    ADDRESSES_MAX = 250,
    NOISE_BYTES = 4096,
};

/// What a connection does with its server.
struct behaviour {
    const char *name;
    /// Fills in `bytes` and `byte_count`: what connection number `index` sends.
    void (*compose)(struct behaviour *self, uint32_t index);
    const char *bytes;
    size_t byte_count;
    /// Sends it again and again.
    bool is_endless;
    /// Sends one byte a second, and connects anew whenever it is closed.
    bool drips;
    /// Ends its own direction when all is sent.
    bool half_closes;
    /// Reads what comes; otherwise it leaves it where it is.
    bool reads;
    /// Closes when all is sent.
    bool hangs_up;
    /// Is there to stay: the program says "ready" once all is sent, and holds its connections until
    /// standard input ends. The others say "done" when the server has closed them all.
    bool stays;
};

/// The behaviour of that name; NULL where there is none.
struct behaviour *find_behaviour(const char *name);

/// The names, one after the other with a space between them.
const char *behaviour_names(void);

#endif
