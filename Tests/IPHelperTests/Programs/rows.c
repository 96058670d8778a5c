// Prints the two tables of GetTcpTable2 and GetTcp6Table2: state, local end, remote end, process
// and offload state of each row. Ends are written as ss does.
#include "contract.h"

#include <arpa/inet.h>

static void print_end(int family, const void *address, DWORD port) {
    char text[INET6_ADDRSTRLEN];
    CHECK(port <= 0xFFFF, "the upper bits of port %u", port);
    CHECK(inet_ntop(family, address, text, sizeof text), "an address that is none");
    printf(family == AF_INET ? "%s:" : "[%s]:", text);
    if (port) printf("%u ", ntohs((uint16_t)port));
    else printf("* ");
}

void print_rows(void) {
    MIB_TCPTABLE2 *ipv4 = (MIB_TCPTABLE2 *)read_whole(&tables[0], TRUE);
    for (DWORD i = 0; i < ipv4->dwNumEntries; i++) {
        const MIB_TCPROW2 *row = &ipv4->table[i];
        printf("%u ", row->dwState);
        print_end(AF_INET, &row->dwLocalAddr, row->dwLocalPort);
        print_end(AF_INET, &row->dwRemoteAddr, row->dwRemotePort);
        printf("%u %u\n", row->dwOwningPid, (unsigned)row->dwOffloadState);
    }
    MIB_TCP6TABLE2 *ipv6 = (MIB_TCP6TABLE2 *)read_whole(&tables[1], TRUE);
    for (DWORD i = 0; i < ipv6->dwNumEntries; i++) {
        const MIB_TCP6ROW2 *row = &ipv6->table[i];
        printf("%u ", (unsigned)row->State);
        print_end(AF_INET6, &row->LocalAddr, row->dwLocalPort);
        print_end(AF_INET6, &row->RemoteAddr, row->dwRemotePort);
        printf("%u %u", row->dwOwningPid, (unsigned)row->dwOffloadState);
        if (row->dwLocalScopeId || row->dwRemoteScopeId)
            printf(" scopes %u %u", row->dwLocalScopeId, row->dwRemoteScopeId);
        printf("\n");
    }
    free(ipv4);
    free(ipv6);
}
