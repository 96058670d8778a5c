// Lists the IPv4 connections and listeners of this host, each with its owner.
//
//   cc owners.c -lIPHelper -o owners
#include <arpa/inet.h>
#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(const char *what, DWORD code) {
    char text[256];
    FormatIPHelperMessage(code, text, sizeof text);
    fprintf(stderr, "owners: %s: %s\n", what, text);
    exit(1);
}

// The table may grow between two calls, so ask until it fits.
static MIB_TCPTABLE_OWNER_MODULE *read_table(void) {
    MIB_TCPTABLE_OWNER_MODULE *table = NULL;
    DWORD size = 0, result;
    while ((result = GetExtendedTcpTable(
                table, &size, TRUE, AF_INET, TCP_TABLE_OWNER_MODULE_ALL, 0)) ==
           ERROR_INSUFFICIENT_BUFFER) {
        free(table);
        table = malloc(size);
        if (!table) fail("cannot hold the table", ERROR_NOT_ENOUGH_MEMORY);
    }
    if (result != NO_ERROR) fail("cannot read the table", result);
    return table;
}

static void print_endpoint(DWORD address, DWORD port) {
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &address, text, sizeof text);
    printf("%s:%u ", text, ntohs((uint16_t)port));
}

// A character as UTF-8. A control character is a question mark: any user names his programs.
static void print_character(uint32_t c) {
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) c = '?';
    if (c < 0x80) {
        putchar((int)c);
        return;
    }
    if (c < 0x800) {
        putchar((int)(0xC0 | c >> 6));
    } else {
        if (c < 0x10000) {
            putchar((int)(0xE0 | c >> 12));
        } else {
            putchar((int)(0xF0 | c >> 18));
            putchar((int)(0x80 | (c >> 12 & 0x3F)));
        }
        putchar((int)(0x80 | (c >> 6 & 0x3F)));
    }
    putchar((int)(0x80 | (c & 0x3F)));
}

// Two units from 0xD800 on are one character; the library writes no half of one.
static void print_utf16(const WCHAR *text) {
    while (*text) {
        uint32_t c = *text++;
        if (c >= 0xD800 && c < 0xDC00) c = 0x10000 + ((c - 0xD800) << 10) + (*text++ - 0xDC00u);
        print_character(c);
    }
}

static void print_owner(MIB_TCPROW_OWNER_MODULE *row) {
    union {
        TCPIP_OWNER_MODULE_BASIC_INFO info;
        char bytes[16384];  // holds every name (128 bytes at most) and path (4,096)
    } buffer;
    DWORD size = sizeof buffer;
    DWORD result = GetOwnerModuleFromTcpEntry(row, TCPIP_OWNER_MODULE_INFO_BASIC, &buffer, &size);
    if (result == NO_ERROR && *buffer.info.pModuleName) {
        print_utf16(buffer.info.pModuleName);
        printf(" ");
        print_utf16(buffer.info.pModulePath);
    } else if (result == NO_ERROR) {
        printf("(protected)");
    } else {
        printf("(error %u)", result);
    }
}

int main(void) {
    MIB_TCPTABLE_OWNER_MODULE *table = read_table();
    for (DWORD i = 0; i < table->dwNumEntries; i++) {
        MIB_TCPROW_OWNER_MODULE *row = &table->table[i];
        print_endpoint(row->dwLocalAddr, row->dwLocalPort);
        print_endpoint(row->dwRemoteAddr, row->dwRemotePort);
        printf("%u ", row->dwOwningPid);
        print_owner(row);
        printf("\n");
    }
    free(table);
    return 0;
}
