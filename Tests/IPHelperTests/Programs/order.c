// Order TRUE against qsort, on a table of many rows that this program makes. The namespace has the
// addresses below.
#include "contract.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LISTENERS = 6, CLIENTS = 1400 };

static const char *const ipv4_addresses[] = {
    "127.0.0.1", "127.200.3.4", "192.0.2.1", "192.0.2.200", "203.0.113.9", "203.0.113.250"};
static const char *const ipv6_addresses[] = {
    "::1", "2001:db8::1", "2001:db8::8000:0:0:1", "2001:db8:ff00::2", "fd00::80", "fd80::1"};

union address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

static union address endpoint(int family, unsigned index, unsigned port) {
    union address address;
    memset(&address, 0, sizeof address);
    address.any.sa_family = (sa_family_t)family;
    const char *text = (family == AF_INET ? ipv4_addresses : ipv6_addresses)[index % LISTENERS];
    void *bytes = family == AF_INET ? (void *)&address.ipv4.sin_addr
                                    : (void *)&address.ipv6.sin6_addr;
    CHECK(inet_pton(family, text, bytes) == 1, "%s", text);
    address.ipv4.sin_port = htons((uint16_t)port);  // at the same place in both
    return address;
}

// A socket bound to one of the addresses, at a port that looks random.
static int open_bound(int family, unsigned index, unsigned *seed) {
    int opened = socket(family, SOCK_STREAM, 0);
    MUST(opened);
    for (;;) {
        *seed = *seed * 1103515245 + 12345;
        unsigned port = 1024 + (*seed >> 8) % (65535 - 1024);
        union address address = endpoint(family, index, port);
        if (bind(opened, &address.any, sizeof address) == 0) return opened;
        CHECK(errno == EADDRINUSE, "cannot bind: %s", strerror(errno));
    }
}

static void make_rows(int family) {
    unsigned seed = 20 + (unsigned)family;
    int listeners[LISTENERS];
    for (unsigned i = 0; i < LISTENERS; i++) {
        listeners[i] = open_bound(family, i, &seed);
        MUST(listen(listeners[i], 64));
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        int listener = listeners[i % LISTENERS];
        union address address;
        socklen_t bytes = sizeof address;
        MUST(getsockname(listener, &address.any, &bytes));
        int client = open_bound(family, i / LISTENERS, &seed);
        MUST(connect(client, &address.any, bytes));
        MUST(accept(listener, NULL, NULL));
    }
}

static const struct table *sorted_table;

static int compare_ports(const unsigned char *a, const unsigned char *b) {
    return (a[0] << 8 | a[1]) - (b[0] << 8 | b[1]);
}

static int compare_rows(const void *first, const void *second) {
    const unsigned char *a = (const unsigned char *)first, *b = (const unsigned char *)second;
    const struct table *t = sorted_table;
    size_t address_bytes = t->family == AF_INET ? 4 : 16;
    int order = memcmp(a + t->local_address, b + t->local_address, address_bytes);
    if (order == 0) order = compare_ports(a + t->local_port, b + t->local_port);
    if (order == 0) order = memcmp(a + t->remote_address, b + t->remote_address, address_bytes);
    if (order == 0) order = compare_ports(a + t->remote_port, b + t->remote_port);
    return order;
}

static DWORD check_order(const struct table *table) {
    void *sorted = read_whole(table, TRUE);
    void *unsorted = read_whole(table, FALSE);
    DWORD count = row_count(sorted);
    CHECK(row_count(unsorted) == count, "%s", table->name);
    size_t bytes = count * table->row_bytes;
    if (count > 100)
        CHECK(memcmp(row_of(table, sorted, 0), row_of(table, unsorted, 0), bytes) != 0,
              "%s is sorted without being asked", table->name);
    sorted_table = table;
    qsort(row_of(table, unsorted, 0), count, table->row_bytes, compare_rows);
    CHECK(memcmp(row_of(table, sorted, 0), row_of(table, unsorted, 0), bytes) == 0,
          "%s is in another order than qsort's", table->name);
    free(sorted);
    free(unsorted);
    return count;
}

void test_order(void) {
    struct rlimit limit = {16384, 16384};
    MUST(setrlimit(RLIMIT_NOFILE, &limit));
    make_rows(AF_INET);
    make_rows(AF_INET6);
    DWORD count = check_order(&tables[0]) + check_order(&tables[1]);
    CHECK(count == 2 * (LISTENERS + 2 * CLIENTS), "%u rows", count);
    for (int i = 2; i < TABLE_COUNT; i++) check_order(&tables[i]);
}
