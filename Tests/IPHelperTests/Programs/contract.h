// What the parts of the test program share. C11 and C++17 alike.
#ifndef CONTRACT_H
#define CONTRACT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // g++ defines it itself
#endif
#include <iphlpapi.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Ends the program with the code 1 and a text that says where and why.
#define CHECK(fact, ...) \
    do { \
        if (!(fact)) { \
            fprintf(stderr, "%s:%d: not %s: ", __FILE__, __LINE__, #fact); \
            fprintf(stderr, __VA_ARGS__); \
            fprintf(stderr, "\n"); \
            exit(1); \
        } \
    } while (0)

/// The same for a system call that must not fail.
#define MUST(call) \
    do { \
        if ((call) < 0) { \
            perror(#call); \
            exit(1); \
        } \
    } while (0)

/// One of the twenty tables that can be asked for.
struct table {
    const char *name;
    ULONG family;
    int table_class;  // -1: GetTcpTable2, GetTcp6Table2
    size_t header_bytes;
    size_t row_bytes;
    size_t local_address, local_port, remote_address, remote_port;  // offsets in a row
};

enum { TABLE_COUNT = 20 };
extern const struct table tables[TABLE_COUNT];

DWORD ask(const struct table *table, void *buffer, DWORD *size, BOOL order);

/// Reads a table whole, in a loop on ERROR_INSUFFICIENT_BUFFER; to be freed.
void *read_whole(const struct table *table, BOOL order);

DWORD row_count(const void *table);
unsigned char *row_of(const struct table *table, void *whole, DWORD index);

/// Memory of which the last byte lies before a page that cannot be touched; filled with a pattern.
struct guarded {
    unsigned char *bytes;
    size_t byte_count;
    void *mapping;
    size_t mapping_bytes;
};
struct guarded guard(size_t byte_count);
bool is_untouched(const struct guarded *memory, size_t from);
void release(struct guarded *memory);

/// A variable in a page that can be read only.
DWORD *read_only_size(DWORD value);

/// A socket that listens at an address of its own on loopback.
int open_listener(int family);

/// The row of a process, or an end with code 1.
MIB_TCPROW_OWNER_MODULE row_of_process(DWORD process);
MIB_TCP6ROW_OWNER_MODULE row6_of_process(DWORD process);

void test_arguments(void);
void test_bounds(void);
void test_growth(void);
void test_order(void);
void test_owners(void);
void test_rights(void);
void test_failures(void);
void test_messages(void);
void test_threads(void);
void test_forks(void);
void test_first_forks(void);
void fork_during_first_call(void);
void test_stack(void);
void test_sandbox(void);
void print_rows(void);

#endif
