// What the tests need of Linux and cannot say in Swift: variadic calls, unions, macros.
#ifndef CTESTSUPPORT_H
#define CTESTSUPPORT_H

#include <stdbool.h>
#include <sys/types.h>

/// Opens the calling thread's network namespace (/proc/thread-self/ns/net). Returns a descriptor, or
/// -1 with errno.
int test_open_network_namespace(void);

/// Moves the calling thread alone into a new network namespace and brings its loopback up (man 2
/// unshare, CLONE_NEWNET; man 7 netdevice, SIOCSIFFLAGS). Returns 0, or -1 with errno.
int test_enter_new_network_namespace(void);

/// Moves the calling thread into an open namespace (man 2 setns). Past the interposed functions, so
/// that no injected failure leaves a thread astray. Returns 0, or -1 with errno.
int test_return_to_network_namespace(int descriptor);

/// Gives the calling thread alone these effective capabilities, as far as they are permitted, and
/// puts those that it had in their place (man 2 capset). Returns 0, or -1 with errno.
int test_swap_effective_capabilities(unsigned effective[2]);

/// Makes the kernel drop every packet that arrives for this socket before TCP sees it (man 7 socket,
/// SO_ATTACH_FILTER; net/ipv4/tcp_ipv4.c, tcp_filter). Needs no right. Returns 0, or -1 with errno.
int test_drop_received_packets(int descriptor);

/// Makes closing this socket reset its connection (man 7 socket, SO_LINGER with time 0), so that
/// neither an orphan nor a TIME_WAIT row remains. Returns 0, or -1 with errno.
int test_reset_on_close(int descriptor);

/// The kernel's number of the socket's TCP state (man 7 tcp, TCP_INFO), or -1 with errno.
int test_tcp_state(int descriptor);

/// Accepts a connection, close-on-exec. Returns its descriptor, or -1 with errno.
int test_accept(int descriptor);

/// Opens a pipe, close-on-exec. Returns 0, or -1 with errno.
int test_open_pipe(int *ends);

/// Opens an anonymous file in memory (man 2 memfd_create). Returns a descriptor, or -1 with errno.
int test_open_memory_file(void);

/// Spawns a program from the calling thread, hence in its network namespace, with `descriptors` as
/// its descriptors 0, 1, 2 and so on and no others, no signal blocked and SIGPIPE at its default.
/// The descriptors given must be 10 or greater. Returns 0 or an errno.
int test_spawn(
    pid_t *process_id, const char *path, char *const *arguments, char *const *environment,
    const int *descriptors, int descriptor_count);

/// How often the calling thread has asked for memory: malloc, calloc, realloc, aligned_alloc and
/// posix_memalign, asked from outside of glibc. Only where test_counts_allocations is true.
unsigned long test_allocation_count(void);

/// Whether allocations are counted: on glibc, and not under a sanitizer.
bool test_counts_allocations(void);

#endif
