// offload_states: what GetTcpTable2 and GetTcp6Table2 say of all rows, counted by dwOffloadState, as samples of
// tcptable_offload_connections.
#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>

enum { STATES = 4 };
static const char *const labels[STATES] = {"in_host", "offloading", "offloaded", "uploading"};

static void fail(const char *function, DWORD code) {
    char text[256];
    FormatIPHelperMessage(code, text, sizeof text);
    fprintf(stderr, "%s: %s\n", function, text);
    exit(1);
}

typedef ULONG ask_function(void *table, ULONG *size);

static ULONG ask_ipv4(void *table, ULONG *size) {
    return GetTcpTable2(table, size, FALSE);
}

static ULONG ask_ipv6(void *table, ULONG *size) {
    return GetTcp6Table2(table, size, FALSE);
}

// The table may grow between two calls.
static void *read_table(const char *function, ask_function *ask) {
    void *table = NULL;
    ULONG size = 0, result;
    while ((result = ask(table, &size)) == ERROR_INSUFFICIENT_BUFFER) {
        free(table);
        table = malloc(size);
    }
    if (result != NO_ERROR) fail(function, result);
    return table;
}

static void print(const char *family, const unsigned counts[STATES]) {
    for (int state = 0; state < STATES; state++)
        printf(
            "tcptable_offload_connections{family=\"%s\",offload_state=\"%s\"} %u\n", family,
            labels[state], counts[state]);
}

int main(void) {
    unsigned ipv4[STATES] = {0}, ipv6[STATES] = {0};
    MIB_TCPTABLE2 *table = read_table("GetTcpTable2", ask_ipv4);
    for (DWORD row = 0; row < table->dwNumEntries; row++)
        ipv4[table->table[row].dwOffloadState % STATES]++;
    MIB_TCP6TABLE2 *table6 = read_table("GetTcp6Table2", ask_ipv6);
    for (DWORD row = 0; row < table6->dwNumEntries; row++)
        ipv6[table6->table[row].dwOffloadState % STATES]++;
    print("ipv4", ipv4);
    print("ipv6", ipv6);
    return 0;
}
