// TCP sockets on loopback, brought into a wanted state and held there, for the programs hold_states
// and hold_tls. Whatever fails ends the program with a message: a lab without its sockets is none.
#pragma once

// Ends the program with the message and the cause that errno names.
_Noreturn void fail(const char *what);

// What the kernel's table shows of an address family: AF_INET is ipv4, AF_INET6 is ipv6.
const char *family_label(int family);

// Opens a socket that resets its connection when it is closed, so that no row outlives its holder.
int open_tcp(int family);

// Binds to a free loopback port, and neither listens nor connects.
int bind_on_loopback(int family);

// Listens on a free loopback port. With deferring, connections stay requests (SYN_RECV) until data
// comes (TCP_DEFER_ACCEPT).
int listen_on_loopback(int family, int deferring);

// Connects to a listener. A client of AF_INET reaches one of AF_INET6 that listens on ::.
int connect_to(int listener, int client_family);

struct pair {
    int client, server;
};

// Both ends of a new connection, without the listener.
struct pair connect_pair(int client_family, int server_family);

// Begins to connect to a port where nobody listens, and drops the refusal: SYN_SENT.
int connect_in_vain(int family);

// Sends a FIN and keeps the descriptor.
void finish(int descriptor);

// Makes the socket deaf: a filter drops each packet before TCP sees it, so it acknowledges nothing.
void drop_received(int descriptor);

// Lets TCP end the connection in its own time, which leaves a row without a descriptor.
void close_gracefully(int descriptor);

// Waits until the socket is in the state (netinet/tcp.h).
void await_state(int descriptor, int state);
