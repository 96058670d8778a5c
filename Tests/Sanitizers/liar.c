// Tells the library of a buffer that is larger than what it allocates: AddressSanitizer must see that in the
// library's own code.
#include <iphlpapi.h>
#include <stdlib.h>

int main(void) {
    ULONG size = 0;
    GetTcpTable2(NULL, &size, FALSE);
    MIB_TCPTABLE2 *table = malloc(sizeof *table);
    if (!table) return 1;
    ULONG result = GetTcpTable2(table, &size, FALSE);
    free(table);
    return result == NO_ERROR ? 0 : 1;
}
