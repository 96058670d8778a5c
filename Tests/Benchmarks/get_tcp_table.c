// get_tcp_table: GetTcpTable2 and GetTcp6Table2 again and again, in one process.
//
// At each line on standard input it reads both tables, unsorted, and prints "rows N ns T".
#include <inttypes.h>
#include <iphlpapi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void *buffer;
static ULONG capacity;

static void grow(ULONG byte_count) {
    capacity = byte_count + byte_count / 8;  // The table may have grown by the next call.
    free(buffer);
    buffer = malloc(capacity);
    if (!buffer) {
        fprintf(stderr, "get_tcp_table: no memory for %u bytes\n", (unsigned)capacity);
        exit(1);
    }
}

static uint64_t rows_of(ULONG (*read)(void *, ULONG *)) {
    for (;;) {
        ULONG byte_count = capacity;
        ULONG code = read(buffer, &byte_count);
        if (code == NO_ERROR) return *(DWORD *)buffer;
        if (code != ERROR_INSUFFICIENT_BUFFER) {
            fprintf(stderr, "get_tcp_table: error %u\n", (unsigned)code);
            exit(1);
        }
        grow(byte_count);
    }
}

static ULONG read_ipv4(void *table, ULONG *byte_count) { return GetTcpTable2(table, byte_count, 0); }
static ULONG read_ipv6(void *table, ULONG *byte_count) {
    return GetTcp6Table2(table, byte_count, 0);
}

int main(void) {
    grow(1 << 16);
    while (getchar() != EOF) {
        uint64_t start = nanoseconds();
        uint64_t rows = rows_of(read_ipv4) + rows_of(read_ipv6);
        printf("rows %" PRIu64 " ns %" PRIu64 "\n", rows, nanoseconds() - start);
        fflush(stdout);
    }
    return 0;
}
