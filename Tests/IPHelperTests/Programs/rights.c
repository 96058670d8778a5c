// What a user without rights is told of a process that is not his. Run by root, becomes nobody.
#include "contract.h"

#include <grp.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static void check_empty(DWORD process, ULONGLONG word) {
    MIB_TCPROW_OWNER_MODULE entry;
    MIB_TCP6ROW_OWNER_MODULE entry6;
    memset(&entry, 0, sizeof entry);
    memset(&entry6, 0, sizeof entry6);
    entry.dwOwningPid = entry6.dwOwningPid = process;
    entry.OwningModuleInfo[7] = word;
    for (int i = 0; i < 2; i++) {
        struct guarded buffer = guard(20);
        TCPIP_OWNER_MODULE_BASIC_INFO info;
        DWORD size = 19;
        const TCPIP_OWNER_MODULE_INFO_CLASS basic = TCPIP_OWNER_MODULE_INFO_BASIC;
        DWORD result = i ? GetOwnerModuleFromTcpEntry(&entry, basic, buffer.bytes, &size)
                         : GetOwnerModuleFromTcp6Entry(&entry6, basic, buffer.bytes, &size);
        CHECK(result == ERROR_INSUFFICIENT_BUFFER && size == 20, "%u, size %u", result, size);
        CHECK(is_untouched(&buffer, 0), "on an error");
        result = i ? GetOwnerModuleFromTcpEntry(&entry, basic, buffer.bytes, &size)
                   : GetOwnerModuleFromTcp6Entry(&entry6, basic, buffer.bytes, &size);
        CHECK(result == NO_ERROR && size == 20, "%u, size %u", result, size);
        memcpy(&info, buffer.bytes, sizeof info);
        CHECK(info.pModuleName[0] == 0 && info.pModulePath[0] == 0, "a name of process %u",
              process);
        CHECK((unsigned char *)info.pModuleName == buffer.bytes + 16, "elsewhere");
        CHECK((unsigned char *)info.pModulePath == buffer.bytes + 18, "elsewhere");
        release(&buffer);
    }
}

void test_rights(void) {
    int listener = open_listener(AF_INET);
    DWORD roots = (DWORD)getpid();
    pid_t child = fork();
    MUST(child);
    if (child == 0) {
        MUST(setgroups(0, NULL));
        MUST(setresgid(NOBODY, NOBODY, NOBODY));
        MUST(setresuid(NOBODY, NOBODY, NOBODY));
        check_empty(roots, 0);
        check_empty(roots, 77);
        // All rows are there, and the owners that he may not look for are 0.
        MIB_TCPTABLE2 *table = (MIB_TCPTABLE2 *)read_whole(&tables[0], TRUE);
        CHECK(table->dwNumEntries > 0, "no rows");
        for (DWORD i = 0; i < table->dwNumEntries; i++)
            CHECK(table->table[i].dwOwningPid != roots, "row %u", i);
        _exit(0);
    }
    int status;
    MUST(waitpid(child, &status, 0));
    CHECK(status == 0, "the child ended with status %d", status);
    close(listener);
}
