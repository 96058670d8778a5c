// tcptable_abuse BEHAVIOUR PORT CONNECTIONS [ADDRESSES]: clients that a server has to survive.
//
// Opens CONNECTIONS connections to 127.0.0.1:PORT, in turn from ADDRESSES addresses 127.1.0.1, .2, …
// (1 to 250, by default 1; 0 is 127.0.0.1 itself), each of which behaves as behaviours.c tells. Says "ready" when all have
// sent what they had to send (those that never end: when all are open) and then holds them until standard input ends; or "done N", N being the
// answers of status 200 that were read, when the server has closed them all. Connections that the
// server closes or refuses are closed and not opened again, but for those that drip.
#define _GNU_SOURCE
#include "abuse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct connection {
    int descriptor;  // -1: closed
    bool is_done;    // nothing left to send
    const char *bytes;
    size_t byte_count;
    size_t sent_count;
};

static struct behaviour *behaviour;
static struct connection *connections;
static uint32_t connection_count, address_count = 1, open_count, unsent_count, answer_count;
static uint16_t port;
static int epoll;

enum { TOKEN_TIMER = UINT32_MAX, TOKEN_INPUT = UINT32_MAX - 1, EVENTS_MAX = 256 };

_Noreturn static void refuse(const char *why) {
    fprintf(stderr,
            "tcptable_abuse: %s\n"
            "usage: tcptable_abuse BEHAVIOUR PORT CONNECTIONS [ADDRESSES]\nbehaviours: %s\n",
            why, behaviour_names());
    exit(2);
}

_Noreturn static void fail(const char *what) {
    fprintf(stderr, "tcptable_abuse: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint32_t number(const char *text, uint32_t min, uint32_t max, const char *refusal) {
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < min || value > max) refuse(refusal);
    return (uint32_t)value;
}

static void parse(int argc, char **argv) {
    if (argc < 4 || argc > 5) refuse("it takes three or four arguments");
    behaviour = find_behaviour(argv[1]);
    if (behaviour == NULL) refuse("no such BEHAVIOUR");
    port = (uint16_t)number(argv[2], 1, 65535, "PORT is a number from 1 to 65535");
    connection_count = number(argv[3], 1, 100000, "CONNECTIONS is a number from 1 to 100000");
    if (argc == 5) address_count = number(argv[4], 0, ADDRESSES_MAX, "ADDRESSES is from 0 to 250");
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("cannot read the limit of descriptors");
    if (limit.rlim_max < connection_count + DESCRIPTORS_RESERVED)
        refuse("the limit of descriptors is too low for that many connections");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail("cannot raise the limit of descriptors");
}

static void watch(int descriptor, uint32_t token, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.u32 = token};
    if (epoll_ctl(epoll, operation, descriptor, &event) < 0) fail("cannot watch a descriptor");
}

static struct sockaddr_in address(uint32_t host, uint16_t of_port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(of_port),
                                .sin_addr = {htonl(host)}};
}

static uint32_t interest(const struct connection *connection) {
    bool sends = !connection->is_done && !behaviour->drips;
    // EPOLLRDHUP is left out: whoever reads sees the end, and whoever does not must not.
    return (sends ? EPOLLOUT : 0) | (behaviour->reads ? EPOLLIN : 0);
}

static void mark_done(struct connection *connection) {
    if (!connection->is_done) unsent_count--;
    connection->is_done = true;
}

static void open_connection(uint32_t index) {
    struct connection *connection = &connections[index];
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("cannot open a socket");
    int on = 1;
    setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    int buffer_bytes = 4096;  // A client that does not read takes as little as it can.
    if (!behaviour->reads)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    uint32_t host = INADDR_LOOPBACK;
    if (address_count > 0) host += 0x10000 + index % address_count;
    struct sockaddr_in own = address(host, 0);
    struct sockaddr_in server = address(INADDR_LOOPBACK, port);
    if (bind(descriptor, (struct sockaddr *)&own, sizeof own) < 0) fail("cannot bind");
    if (connect(descriptor, (struct sockaddr *)&server, sizeof server) < 0) fail("cannot connect");
    if (fcntl(descriptor, F_SETFL, O_NONBLOCK) < 0) fail("cannot set O_NONBLOCK");
    behaviour->compose(behaviour, index);
    *connection = (struct connection){descriptor, false, behaviour->bytes, behaviour->byte_count, 0};
    open_count++, unsent_count++;
    if (behaviour->drips || connection->byte_count == 0) mark_done(connection);
    if (connection->is_done && behaviour->half_closes) shutdown(descriptor, SHUT_WR);
    watch(descriptor, index, interest(connection), EPOLL_CTL_ADD);
}

static void close_connection(struct connection *connection) {
    close(connection->descriptor);
    connection->descriptor = -1;
    open_count--;
    mark_done(connection);
}

static void count_answers(const char *bytes, size_t byte_count) {
    static const char line[] = "HTTP/1.1 200";
    const char *end = bytes + byte_count;
    for (; (bytes = memmem(bytes, (size_t)(end - bytes), line, sizeof line - 1)); bytes++)
        answer_count++;
}

static void take(struct connection *connection) {
    // What one read splits is not counted; only pipelining is, and it reads to the end.
    char buffer[65536];
    ssize_t count = recv(connection->descriptor, buffer, sizeof buffer, 0);
    if (count > 0) count_answers(buffer, (size_t)count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR)) close_connection(connection);
}

// Sends as much as goes. Whoever drips sends all but the last byte first, and then that byte for ever.
static void give(struct connection *connection, uint32_t index) {
    size_t rest = connection->byte_count - connection->sent_count;
    ssize_t count = send(connection->descriptor, connection->bytes + connection->sent_count,
                         behaviour->drips && rest > 1 ? rest - 1 : rest, MSG_NOSIGNAL);
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR) close_connection(connection);
        return;
    }
    connection->sent_count += (size_t)count;
    if (connection->sent_count < connection->byte_count) return;
    if (behaviour->is_endless || behaviour->drips) {
        connection->sent_count = behaviour->drips ? connection->byte_count - 1 : 0;
        return;
    }
    mark_done(connection);
    if (behaviour->half_closes) shutdown(connection->descriptor, SHUT_WR);
    if (behaviour->hangs_up) close_connection(connection);
    else watch(connection->descriptor, index, interest(connection), EPOLL_CTL_MOD);
}

static void drip_all(int timer) {
    uint64_t expirations;
    if (read(timer, &expirations, sizeof expirations) < 0) return;
    for (uint32_t index = 0; index < connection_count; index++) {
        if (connections[index].descriptor < 0) open_connection(index);
        give(&connections[index], index);
    }
}

static void end_at_end_of_input(void) {
    char line[256];
    if (read(STDIN_FILENO, line, sizeof line) == 0) exit(0);
}

static void serve(const struct epoll_event *event, int timer) {
    uint32_t token = event->data.u32;
    if (token == TOKEN_TIMER) return drip_all(timer);
    if (token == TOKEN_INPUT) return end_at_end_of_input();
    struct connection *connection = &connections[token];
    if (connection->descriptor >= 0 && event->events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        take(connection);
    if (connection->descriptor >= 0 && event->events & EPOLLOUT) give(connection, token);
}

static void turn(int timer) {
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(epoll, events, EVENTS_MAX, -1);
    for (int index = 0; index < count; index++) serve(&events[index], timer);
}

static int open_timer(void) {
    struct itimerspec second = {{1, 0}, {1, 0}};
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (timer < 0 || timerfd_settime(timer, 0, &second, NULL) < 0) fail("cannot make a timer");
    return timer;
}

int main(int argc, char **argv) {
    parse(argc, argv);
    connections = calloc(connection_count, sizeof *connections);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (connections == NULL || epoll < 0) fail("cannot begin");
    for (uint32_t index = 0; index < connection_count; index++) open_connection(index);
    int timer = open_timer();
    if (behaviour->drips) watch(timer, TOKEN_TIMER, EPOLLIN, EPOLL_CTL_ADD);
    if (!behaviour->stays) {
        while (open_count > 0) turn(timer);
        printf("done %u\n", answer_count);
        return 0;
    }
    // A server that stops reading may leave some of it unsent for ever.
    while (behaviour->reads && !behaviour->is_endless && unsent_count > 0) turn(timer);
    printf("ready\n");
    fflush(stdout);
    watch(STDIN_FILENO, TOKEN_INPUT, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) turn(timer);
}
