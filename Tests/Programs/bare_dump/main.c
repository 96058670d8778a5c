// bare_dump [--repeat K] [--states]: the floor that every reader of the TCP table stands on.
//
// One walk is one TCPDIAG_GETSOCK request (man 7 sock_diag) for both families, every state and no
// attributes, received into 32 KiB, the most that the kernel fills at once. Nothing is stored, so
// what remains is the kernel's own work and the copy to user space. Each walk prints a line
// "rows N ns T"; with --states, lines "FAMILY STATE COUNT" follow it. To measure, compile it with -O2.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// The kernel allocates no more than this for one datagram of a dump (af_netlink.c, netlink_dump).
enum { RECEIVE_BYTES = 32768 };

// More repetitions than a benchmark needs; a mistyped number ends early.
enum { REPEAT_MAX = 1000000 };

// States are numbered 1 to 11 (tcp_states.h); a dump shows no others: bound sockets, asked for by
// bit 13, arrive as TCP_CLOSE, and TCP_NEW_SYN_RECV as TCP_SYN_RECV. Slot 0 counts surprises.
enum { STATES = 12 };
enum { EVERY_STATE = ((1 << STATES) - 2) | 1 << 13 };

static const char *const state_names[STATES] = {
    "unknown",  "established", "syn_sent", "syn_recv",   "fin_wait1", "fin_wait2",
    "time_wait", "close",      "close_wait", "last_ack", "listen",    "closing",
};

struct request {
    struct nlmsghdr header;
    struct inet_diag_req body;
};
_Static_assert(sizeof(struct request) == NLMSG_HDRLEN + sizeof(struct inet_diag_req),
               "the request's body follows its header without padding");

struct walk {
    uint64_t rows;
    uint64_t rows_by_state[2][STATES];  // IPv4, IPv6
    uint32_t sequence;
    int interrupted;  // the kernel said NLM_F_DUMP_INTR
    int done;
};

static void fail(const char *what, int error) {
    fprintf(stderr, "bare_dump: %s: %s\n", what, strerror(error));
    exit(1);
}

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void ask(int descriptor, uint32_t sequence) {
    struct request request = {
        .header = {
            .nlmsg_len = sizeof request,
            .nlmsg_type = TCPDIAG_GETSOCK,
            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
            .nlmsg_seq = sequence,
        },
        .body = {.idiag_family = AF_UNSPEC, .idiag_states = EVERY_STATE},
    };
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t sent;
    do {
        sent = sendto(descriptor, &request, sizeof request, 0, (struct sockaddr *)&kernel,
                      sizeof kernel);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) fail("cannot send the request", errno);
    if ((size_t)sent != sizeof request) fail("cannot send the whole request", EMSGSIZE);
}

static void count_row(struct walk *walk, const struct nlmsghdr *message) {
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
        fail("the kernel sent a row that is too short", EBADMSG);
    const struct inet_diag_msg *row = NLMSG_DATA(message);
    unsigned state = row->idiag_state < STATES ? row->idiag_state : 0;
    walk->rows++;
    walk->rows_by_state[row->idiag_family == AF_INET6][state]++;
}

// The payload of NLMSG_DONE and the first field of NLMSG_ERROR are a negative errno, or 0.
static void check_status(const struct nlmsghdr *message) {
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof(int)))
        fail("the kernel sent a status that is too short", EBADMSG);
    int status;
    memcpy(&status, NLMSG_DATA(message), sizeof status);
    if (status < 0) fail("the kernel refused or broke off the dump", -status);
}

static void take_message(struct walk *walk, const struct nlmsghdr *message) {
    if (message->nlmsg_seq != walk->sequence) return;  // the rest of an earlier walk
    if (message->nlmsg_flags & NLM_F_DUMP_INTR) walk->interrupted = 1;
    switch (message->nlmsg_type) {
    case NLMSG_DONE:
        check_status(message);
        walk->done = 1;
        return;
    case NLMSG_ERROR:
        check_status(message);
        return;
    case TCPDIAG_GETSOCK:
        count_row(walk, message);
        return;
    default:
        return;
    }
}

static void take_datagram(struct walk *walk, const char *bytes, size_t byte_count) {
    // NLMSG_NEXT subtracts padded lengths from a signed rest; NLMSG_OK bounds each message.
    long rest = (long)byte_count;
    const struct nlmsghdr *message = (const struct nlmsghdr *)bytes;
    while (!walk->done && NLMSG_OK(message, rest)) {
        take_message(walk, message);
        message = NLMSG_NEXT(message, rest);
    }
    if (!walk->done && rest > 0) fail("the kernel sent a malformed datagram", EBADMSG);
}

static void walk_table(int descriptor, struct walk *walk) {
    static _Alignas(struct nlmsghdr) char buffer[RECEIVE_BYTES];
    ask(descriptor, walk->sequence);
    while (!walk->done) {
        // MSG_TRUNC returns the datagram's real length, so that a cut one is seen.
        ssize_t received = recv(descriptor, buffer, sizeof buffer, MSG_TRUNC);
        if (received < 0 && errno == EINTR) continue;
        if (received < 0) fail("cannot receive the table", errno);
        if ((size_t)received > sizeof buffer) fail("cannot receive a datagram whole", EMSGSIZE);
        take_datagram(walk, buffer, (size_t)received);
    }
}

static void print_states(const struct walk *walk) {
    for (int family = 0; family < 2; family++)
        for (int state = 0; state < STATES; state++)
            if (walk->rows_by_state[family][state] > 0)
                printf("%s %s %llu\n", family ? "ipv6" : "ipv4", state_names[state],
                       (unsigned long long)walk->rows_by_state[family][state]);
}

static void measure_walk(int descriptor, uint32_t sequence, int shows_states) {
    struct walk walk = {.sequence = sequence};
    uint64_t start = nanoseconds();
    walk_table(descriptor, &walk);
    uint64_t duration = nanoseconds() - start;
    printf("rows %llu ns %llu\n", (unsigned long long)walk.rows, (unsigned long long)duration);
    if (shows_states) print_states(&walk);
    fflush(stdout);
    if (walk.interrupted)
        fprintf(stderr, "bare_dump: walk %u: the kernel says it was interrupted\n", sequence);
}

static void usage(void) {
    fprintf(stderr, "usage: bare_dump [--repeat K] [--states]   (K from 1 to %d)\n", REPEAT_MAX);
    exit(2);
}

static uint32_t repeat_count(const char *text) {
    char *end = NULL;
    errno = 0;
    long number = text ? strtol(text, &end, 10) : 0;
    if (errno != 0 || number < 1 || number > REPEAT_MAX || *end != '\0') usage();
    return (uint32_t)number;
}

int main(int argc, char **argv) {
    uint32_t repeat = 1;
    int shows_states = 0;
    for (int index = 1; index < argc; index++) {
        if (strcmp(argv[index], "--states") == 0) shows_states = 1;
        else if (strcmp(argv[index], "--repeat") == 0) repeat = repeat_count(argv[++index]);
        else usage();
    }
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (descriptor < 0) fail("cannot open a NETLINK_SOCK_DIAG socket", errno);
    for (uint32_t sequence = 1; sequence <= repeat; sequence++)
        measure_walk(descriptor, sequence, shows_states);
    close(descriptor);
    return 0;
}
