// Tells the library of a buffer that is larger than what it allocates: AddressSanitizer must see that in the
// library's own code.
#include <iphlpapi.h>
#include <stdlib.h>

enum { ROWS = 4 };

int main(void) {
    for (int i = 0; i < ROWS; i++)
        if (listen(socket(AF_INET, SOCK_STREAM, 0), 1) != 0) return 1;
    ULONG size = 0;
    GetTcpTable2(NULL, &size, FALSE);
    MIB_TCPTABLE2 *table = malloc(sizeof *table);
    if (!table) return 1;
    ULONG result = GetTcpTable2(table, &size, FALSE);
    free(table);
    return result == NO_ERROR ? 0 : 1;
}
