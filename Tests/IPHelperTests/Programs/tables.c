#include "contract.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROW(type, local, remote) \
    sizeof(type), offsetof(type, local), offsetof(type, dwLocalPort), offsetof(type, remote), \
        offsetof(type, dwRemotePort)
#define IPV4(class_, table_, row) \
    {#class_, AF_INET, class_, offsetof(table_, table), ROW(row, dwLocalAddr, dwRemoteAddr)}
#define IPV6(class_, table_, row, local, remote) \
    {#class_ " of IPv6", AF_INET6, class_, offsetof(table_, table), ROW(row, local, remote)}
#define EACH(kind, table4, row4, table6, row6, local, remote) \
    IPV4(TCP_TABLE_##kind##_LISTENER, table4, row4), \
        IPV4(TCP_TABLE_##kind##_CONNECTIONS, table4, row4), \
        IPV4(TCP_TABLE_##kind##_ALL, table4, row4), \
        IPV6(TCP_TABLE_##kind##_LISTENER, table6, row6, local, remote), \
        IPV6(TCP_TABLE_##kind##_CONNECTIONS, table6, row6, local, remote), \
        IPV6(TCP_TABLE_##kind##_ALL, table6, row6, local, remote)

const struct table tables[TABLE_COUNT] = {
    {"GetTcpTable2", AF_INET, -1, offsetof(MIB_TCPTABLE2, table),
     ROW(MIB_TCPROW2, dwLocalAddr, dwRemoteAddr)},
    {"GetTcp6Table2", AF_INET6, -1, offsetof(MIB_TCP6TABLE2, table),
     ROW(MIB_TCP6ROW2, LocalAddr, RemoteAddr)},
    EACH(BASIC, MIB_TCPTABLE, MIB_TCPROW, MIB_TCP6TABLE, MIB_TCP6ROW, LocalAddr, RemoteAddr),
    EACH(
        OWNER_PID, MIB_TCPTABLE_OWNER_PID, MIB_TCPROW_OWNER_PID, MIB_TCP6TABLE_OWNER_PID,
        MIB_TCP6ROW_OWNER_PID, ucLocalAddr, ucRemoteAddr),
    EACH(
        OWNER_MODULE, MIB_TCPTABLE_OWNER_MODULE, MIB_TCPROW_OWNER_MODULE,
        MIB_TCP6TABLE_OWNER_MODULE, MIB_TCP6ROW_OWNER_MODULE, ucLocalAddr, ucRemoteAddr),
};

DWORD ask(const struct table *table, void *buffer, DWORD *size, BOOL order) {
    if (table->table_class >= 0)
        return GetExtendedTcpTable(
            buffer, size, order, table->family, (TCP_TABLE_CLASS)table->table_class, 0);
    return table->family == AF_INET ? GetTcpTable2((PMIB_TCPTABLE2)buffer, size, order)
                                    : GetTcp6Table2((PMIB_TCP6TABLE2)buffer, size, order);
}

void *read_whole(const struct table *table, BOOL order) {
    void *buffer = NULL;
    DWORD size = 0;
    for (;;) {
        DWORD result = ask(table, buffer, &size, order);
        if (result == NO_ERROR) return buffer;
        CHECK(result == ERROR_INSUFFICIENT_BUFFER, "%u of %s", result, table->name);
        free(buffer);
        buffer = malloc(size);
        CHECK(buffer, "no memory");
    }
}

DWORD row_count(const void *table) {
    DWORD count;
    memcpy(&count, table, sizeof count);
    return count;
}

unsigned char *row_of(const struct table *table, void *whole, DWORD index) {
    return (unsigned char *)whole + table->header_bytes + table->row_bytes * index;
}

enum { PATTERN = 0xA5 };

struct guarded guard(size_t byte_count) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t pages = (byte_count + page - 1) / page * page;
    struct guarded memory;
    memory.byte_count = byte_count;
    memory.mapping_bytes = pages + page;
    memory.mapping = mmap(
        NULL, memory.mapping_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory.mapping != MAP_FAILED, "no memory");
    unsigned char *start = (unsigned char *)memory.mapping;
    MUST(mprotect(start + pages, page, PROT_NONE));
    memory.bytes = start + pages - byte_count;
    memset(start, PATTERN, pages);
    return memory;
}

bool is_untouched(const struct guarded *memory, size_t from) {
    for (size_t i = from; i < memory->byte_count; i++)
        if (memory->bytes[i] != PATTERN) return false;
    return true;
}

void release(struct guarded *memory) { MUST(munmap(memory->mapping, memory->mapping_bytes)); }

DWORD *read_only_size(DWORD value) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *mapping =
        mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mapping != MAP_FAILED, "no memory");
    DWORD *size = (DWORD *)mapping;
    *size = value;
    MUST(mprotect(mapping, page, PROT_READ));
    return size;
}

int open_listener(int family) {
    int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(listener);
    MUST(listen(listener, 16));
    return listener;
}

MIB_TCPROW_OWNER_MODULE row_of_process(DWORD process) {
    MIB_TCPTABLE_OWNER_MODULE *whole = (MIB_TCPTABLE_OWNER_MODULE *)read_whole(&tables[16], FALSE);
    MIB_TCPROW_OWNER_MODULE row;
    DWORD found = 0;
    memset(&row, 0, sizeof row);
    for (DWORD i = 0; i < whole->dwNumEntries; i++) {
        if (whole->table[i].dwOwningPid != process) continue;
        row = whole->table[i];
        found++;
    }
    CHECK(found > 0, "process %u has no row", process);
    free(whole);
    return row;
}

MIB_TCP6ROW_OWNER_MODULE row6_of_process(DWORD process) {
    MIB_TCP6TABLE_OWNER_MODULE *whole =
        (MIB_TCP6TABLE_OWNER_MODULE *)read_whole(&tables[19], FALSE);
    MIB_TCP6ROW_OWNER_MODULE row;
    DWORD found = 0;
    memset(&row, 0, sizeof row);
    for (DWORD i = 0; i < whole->dwNumEntries; i++) {
        if (whole->table[i].dwOwningPid != process) continue;
        row = whole->table[i];
        found++;
    }
    CHECK(found > 0, "process %u has no row", process);
    free(whole);
    return row;
}
