// The arguments of the table functions: pointers, sizes, families, classes.
#include "contract.h"

static void check_size_pointers(const struct table *table) {
    struct guarded buffer = guard(65536);
    CHECK(ask(table, NULL, NULL, FALSE) == ERROR_INVALID_PARAMETER, "%s", table->name);
    CHECK(ask(table, buffer.bytes, NULL, TRUE) == ERROR_INVALID_PARAMETER, "%s", table->name);
    DWORD *size = read_only_size(65536);
    CHECK(ask(table, NULL, size, FALSE) == ERROR_INVALID_PARAMETER, "%s", table->name);
    CHECK(ask(table, buffer.bytes, size, FALSE) == ERROR_INVALID_PARAMETER, "%s", table->name);
    // A page that cannot even be read, and an address where nothing is.
    struct guarded unreachable = guard(0);
    size = (DWORD *)unreachable.bytes;
    CHECK(ask(table, buffer.bytes, size, FALSE) == ERROR_INVALID_PARAMETER, "%s", table->name);
    CHECK(ask(table, buffer.bytes, (DWORD *)16, FALSE) == ERROR_INVALID_PARAMETER, "%s",
          table->name);
    CHECK(is_untouched(&buffer, 0), "%s", table->name);
    release(&unreachable);
    release(&buffer);
}

static void check_sizes(const struct table *table) {
    DWORD size = 0;
    CHECK(ask(table, NULL, &size, FALSE) == ERROR_INSUFFICIENT_BUFFER, "%s", table->name);
    DWORD asked = size;
    struct guarded buffer = guard(asked);
    CHECK(ask(table, buffer.bytes, &size, FALSE) == NO_ERROR, "%s", table->name);
    CHECK(size == asked, "the size of %s is %u", table->name, size);
    DWORD count = row_count(buffer.bytes);
    size_t exact = table->header_bytes + count * table->row_bytes;
    CHECK(asked == exact + (count / 8 + 16) * table->row_bytes, "%s asks for %u", table->name,
          asked);
    CHECK(is_untouched(&buffer, exact), "%s", table->name);
    release(&buffer);

    // Null needs no size of 0, whatever the size says.
    size = 0xFFFFFFFF;
    CHECK(ask(table, NULL, &size, FALSE) == ERROR_INSUFFICIENT_BUFFER, "%s", table->name);
    CHECK(size == asked, "%u of %s", size, table->name);
    // Of the largest size that can be told, no more is written than the table takes.
    buffer = guard(exact);
    size = 0xFFFFFFFF;
    CHECK(ask(table, buffer.bytes, &size, TRUE) == NO_ERROR, "%s", table->name);
    CHECK(size == 0xFFFFFFFF, "%u of %s", size, table->name);
    release(&buffer);
    // At odd addresses, for the size too.
    buffer = guard(exact + 1);
    unsigned char odd[1 + sizeof size];
    memcpy(odd + 1, &size, sizeof size);
    buffer.bytes[exact] = 0;
    DWORD *odd_size = (DWORD *)(void *)(odd + 1);
    CHECK(ask(table, buffer.bytes, odd_size, FALSE) == NO_ERROR, "%s", table->name);
    CHECK(row_count(buffer.bytes) == count, "%s", table->name);
    release(&buffer);
}

static void check_refusals(void) {
    struct guarded buffer = guard(65536);
    const ULONG families[] = {0, 1, 3, AF_INET + AF_INET6, 22, 24, 0xFFFFFFFF};
    DWORD size = 65536;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (int class_ = 0; class_ < 9; class_++)
            CHECK(GetExtendedTcpTable(
                      buffer.bytes, &size, FALSE, families[i], (TCP_TABLE_CLASS)class_, 0) ==
                      ERROR_INVALID_PARAMETER, "family %u", families[i]);
    const unsigned classes[] = {9, 10, 11, 15, 0x7FFFFFFF};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        CHECK(GetExtendedTcpTable(
                  buffer.bytes, &size, FALSE, AF_INET, (TCP_TABLE_CLASS)classes[i], 0) ==
                  ERROR_INVALID_PARAMETER, "class %u", classes[i]);
    CHECK(GetExtendedTcpTable(buffer.bytes, &size, FALSE, AF_INET, TCP_TABLE_BASIC_ALL, 1) ==
              ERROR_INVALID_PARAMETER, "Reserved is 1");
    CHECK(size == 65536 && is_untouched(&buffer, 0), "%u", size);
    release(&buffer);
}

// What a class holds: listeners, all others, or both.
static void check_classes(void) {
    for (int i = 2; i < TABLE_COUNT; i += 3) {
        DWORD counts[3];
        for (int j = 0; j < 3; j++) {
            void *whole = read_whole(&tables[i + j], FALSE);
            counts[j] = row_count(whole);
            free(whole);
        }
        CHECK(counts[0] > 0 && counts[1] > 0, "%s lacks rows", tables[i].name);
        CHECK(counts[0] + counts[1] == counts[2], "%s", tables[i].name);
    }
    MIB_TCPTABLE *listeners = (MIB_TCPTABLE *)read_whole(&tables[2], FALSE);
    for (DWORD i = 0; i < listeners->dwNumEntries; i++)
        CHECK(listeners->table[i].dwState == MIB_TCP_STATE_LISTEN, "row %u", i);
    MIB_TCPTABLE *connections = (MIB_TCPTABLE *)read_whole(&tables[3], FALSE);
    for (DWORD i = 0; i < connections->dwNumEntries; i++)
        CHECK(connections->table[i].dwState != MIB_TCP_STATE_LISTEN, "row %u", i);
    free(listeners);
    free(connections);
}

void test_arguments(void) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        check_size_pointers(&tables[i]);
        check_sizes(&tables[i]);
    }
    check_refusals();
    check_classes();
}
