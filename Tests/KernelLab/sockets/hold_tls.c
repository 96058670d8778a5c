// hold_tls all|software|device|flight: connections with and without kernel TLS, on IPv4 and IPv6, until it
// is killed. One end of each connection has kernel TLS; the other has none, and no data flows. Some are
// half-closed. With "flight" that end's descriptor is sent over a Unix socket and not received, so that no
// process has it.
//
// For each row that the kernel's table has of them it prints a line
//     ROW family=ipv4 state=established via=holder
// followed, where the end has kernel TLS, by
//     transmit=device receive=none version=1.2 cipher=aes-gcm-128
// and at last READY. A cipher that the kernel has not is told by "SKIP" and its name. That the
// kernel really did what the line says is proved by its own count: each pair of keys must raise the
// one number in /proc/net/tls_stat that it should. Devices are the work of the kernel module
// lo_tlsdev.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sockets.h"

struct cipher {
    const char *label;
    int number;
    socklen_t byte_count;  // of its structure in linux/tls.h
};

static const struct cipher gcm_128 = {
    "aes-gcm-128", TLS_CIPHER_AES_GCM_128, sizeof(struct tls12_crypto_info_aes_gcm_128)};
static const struct cipher gcm_256 = {
    "aes-gcm-256", TLS_CIPHER_AES_GCM_256, sizeof(struct tls12_crypto_info_aes_gcm_256)};
static const struct cipher ccm_128 = {
    "aes-ccm-128", TLS_CIPHER_AES_CCM_128, sizeof(struct tls12_crypto_info_aes_ccm_128)};
static const struct cipher chacha = {
    "chacha20-poly1305", TLS_CIPHER_CHACHA20_POLY1305,
    sizeof(struct tls12_crypto_info_chacha20_poly1305)};

enum mode { NONE, SOFTWARE, DEVICE };
static const char *const mode_labels[] = {"none", "software", "device"};

struct connection {
    enum mode transmit, receive;
    int version;  // as in linux/tls.h; 0 without keys
    const struct cipher *cipher;
};

enum { V2 = TLS_1_2_VERSION, V3 = TLS_1_3_VERSION };

// The kernel gives a device TLS 1.2 with AES-GCM alone (net/tls/tls_device.c).
static const struct connection device[] = {
    {DEVICE, NONE, V2, &gcm_128},     {NONE, DEVICE, V2, &gcm_128},
    {DEVICE, SOFTWARE, V2, &gcm_128}, {SOFTWARE, DEVICE, V2, &gcm_256},
    {DEVICE, DEVICE, V2, &gcm_128},   {DEVICE, DEVICE, V2, &gcm_256},
};

static const struct connection software[] = {
    {NONE, NONE, 0, NULL},
    {SOFTWARE, NONE, V2, &gcm_128},     {SOFTWARE, NONE, V3, &gcm_256},
    {NONE, SOFTWARE, V2, &gcm_256},     {NONE, SOFTWARE, V3, &gcm_128},
    {SOFTWARE, SOFTWARE, V2, &gcm_128}, {SOFTWARE, SOFTWARE, V3, &gcm_256},
    {SOFTWARE, SOFTWARE, V2, &ccm_128}, {SOFTWARE, SOFTWARE, V3, &ccm_128},
    {SOFTWARE, SOFTWARE, V2, &chacha},  {SOFTWARE, SOFTWARE, V3, &chacha},
};

// What the kernel counts, by direction and mode (Documentation/networking/tls.rst).
static const char *const statistics[2][3] = {
    {NULL, "TlsCurrTxSw", "TlsCurrTxDevice"},
    {NULL, "TlsCurrRxSw", "TlsCurrRxDevice"},
};

static unsigned long statistic(const char *wanted) {
    FILE *file = fopen("/proc/self/net/tls_stat", "re");
    if (!file) fail("cannot open /proc/self/net/tls_stat");
    char name[64];
    unsigned long value;
    while (fscanf(file, "%63s %lu", name, &value) == 2)
        if (strcmp(name, wanted) == 0) {
            fclose(file);
            return value;
        }
    errno = ENOENT;
    fail(wanted);
}

static void allow(const char *direction, int on) {
    char path[64];
    snprintf(path, sizeof path, "/sys/module/lo_tlsdev/parameters/%s", direction);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT && !on) return;
    if (file < 0 || write(file, on ? "Y" : "N", 1) != 1) fail(path);
    close(file);
}

// Sets the keys of a direction: zeros, for nobody is to be kept from reading them. Returns 0 when
// the kernel has not the cipher.
static int set_keys(int descriptor, int direction, const struct connection *connection) {
    union {
        struct tls_crypto_info info;
        unsigned char bytes[64];
    } keys = {.info = {
        .version = (unsigned short)connection->version,
        .cipher_type = (unsigned short)connection->cipher->number,
    }};
    int option = direction == 0 ? TLS_TX : TLS_RX;
    if (setsockopt(descriptor, SOL_TLS, option, &keys, connection->cipher->byte_count) == 0)
        return 1;
    if (errno == ENOENT) return 0;
    fail("cannot set keys");
}

static int set_direction(
    int descriptor, int direction, enum mode mode, const struct connection *connection) {
    if (mode == NONE) return 1;
    const char *counted = statistics[direction][mode];
    unsigned long before = statistic(counted);
    allow(direction == 0 ? "tx" : "rx", mode == DEVICE);
    if (!set_keys(descriptor, direction, connection)) return 0;
    if (statistic(counted) == before + 1) return 1;
    errno = EPROTO;
    fail(counted);
}

static int begin_tls(int descriptor, const struct connection *connection) {
    if (setsockopt(descriptor, IPPROTO_TCP, TCP_ULP, "tls", sizeof "tls") < 0)
        fail("cannot set TCP_ULP");
    return set_direction(descriptor, 0, connection->transmit, connection) &&
        set_direction(descriptor, 1, connection->receive, connection);
}

static void print_row_in(
    const char *state, int family, const struct connection *connection, const char *via) {
    printf("ROW family=%s state=%s via=%s", family_label(family), state, via);
    if (connection) {
        const char *version = connection->version == V3 ? "1.3" : "1.2";
        printf(
            " transmit=%s receive=%s version=%s cipher=%s", mode_labels[connection->transmit],
            mode_labels[connection->receive], connection->cipher ? version : "unknown",
            connection->cipher ? connection->cipher->label : "unknown");
    }
    putchar('\n');
}

static void print_row(int family, const struct connection *connection, const char *via) {
    print_row_in("established", family, connection, via);
}

// With TLS at the client's end, or at the server's: the kernel makes their sockets in two ways.
static void hold(int family, const struct connection *connection, int is_server) {
    struct pair pair = connect_pair(family, family);
    if (begin_tls(is_server ? pair.server : pair.client, connection)) {
        print_row(family, connection, "holder");
        print_row(family, NULL, "holder");
        return;
    }
    printf("SKIP %s\n", connection->cipher->label);
    close(pair.server);
    close(pair.client);
}

// The peer has closed its direction: the end with TLS keeps its keys.
static void hold_half_closed(int family, enum mode mode) {
    const struct connection connection = {mode, mode, V2, &gcm_128};
    struct pair pair = connect_pair(family, family);
    if (!begin_tls(pair.server, &connection)) fail(connection.cipher->label);
    finish(pair.client);
    await_state(pair.client, TCP_FIN_WAIT2);
    await_state(pair.server, TCP_CLOSE_WAIT);
    print_row_in("close_wait", family, &connection, "holder");
    print_row_in("fin_wait2", family, NULL, "holder");
}

static void hold_all(const struct connection *connections, size_t count) {
    for (size_t index = 0; index < count; index++) {
        hold(AF_INET, &connections[index], index % 2);
        hold(AF_INET6, &connections[index], index % 2);
    }
}

static void hold_half_closed_pairs(enum mode mode) {
    hold_half_closed(AF_INET, mode);
    hold_half_closed(AF_INET6, mode);
}

static void send_away(int descriptor) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0) fail("cannot make a pair of sockets");
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec byte = {.iov_base = "", .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control,
        .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    if (sendmsg(ends[0], &message, 0) < 0) fail("cannot send a descriptor");
    close(descriptor);
}

static void hold_in_flight(int family) {
    const struct connection connection = {SOFTWARE, SOFTWARE, V2, &gcm_128};
    struct pair pair = connect_pair(family, family);
    if (!begin_tls(pair.client, &connection)) fail(connection.cipher->label);
    send_away(pair.client);
    print_row(family, &connection, "flight");
    print_row(family, NULL, "holder");
}

int main(int argument_count, char **arguments) {
    const char *wanted = argument_count == 2 ? arguments[1] : "";
    int is_all = strcmp(wanted, "all") == 0;
    int is_software = is_all || strcmp(wanted, "software") == 0;
    int is_device = is_all || strcmp(wanted, "device") == 0;
    int is_flight = strcmp(wanted, "flight") == 0;
    if (!is_software && !is_device && !is_flight) {
        fputs("usage: hold_tls all|software|device|flight\n", stderr);
        return 2;
    }
    if (is_software) {
        hold_all(software, sizeof software / sizeof *software);
        hold_half_closed_pairs(SOFTWARE);
    }
    if (is_device) {
        hold_all(device, sizeof device / sizeof *device);
        hold_half_closed_pairs(DEVICE);
    }
    if (is_flight) {
        hold_in_flight(AF_INET);
        hold_in_flight(AF_INET6);
    }
    puts("READY");
    fflush(stdout);
    for (;;) pause();
}
