// What a user without rights is told of a process that is not his. Run by root, becomes nobody.
#include "contract.h"

#include <grp.h>
#include <signal.h>
#include <sys/stat.h>
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

// A process of its own in a cgroup below the mounted cgroup v2, or in none: holds a listener until it
// is killed.
static pid_t hold_listener(const char *cgroup, uint16_t *port) {
    int ports[2];
    MUST(pipe(ports));
    pid_t child = fork();
    MUST(child);
    if (child == 0) {
        if (cgroup) {
            char path[512];
            snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
            FILE *processes = fopen(path, "w");
            if (!processes || fputs("0", processes) < 0 || fclose(processes)) _exit(1);
        }
        struct sockaddr_in address;
        socklen_t bytes = sizeof address;
        MUST(getsockname(open_listener(AF_INET), (struct sockaddr *)&address, &bytes));
        MUST((int)write(ports[1], &address.sin_port, sizeof address.sin_port));
        for (;;) pause();
    }
    MUST((int)read(ports[0], port, sizeof *port));
    close(ports[0]);
    close(ports[1]);
    return child;
}

static bool is_name(const WCHAR *text, const char *expected) {
    size_t i = 0;
    while (text[i] && text[i] == (unsigned char)expected[i]) i++;
    return text[i] == 0 && expected[i] == 0;
}

// What the row of a listener resolves to, in the table that the caller reads.
static void check_row(ULONG family, uint16_t port, DWORD expected, const char *name) {
    DWORD size = 1 << 20;
    MIB_TCPTABLE_OWNER_MODULE *table = (MIB_TCPTABLE_OWNER_MODULE *)calloc(1, size);
    DWORD result = GetExtendedTcpTable(
        table, &size, TRUE, family, TCP_TABLE_OWNER_MODULE_ALL, 0);
    CHECK(result == NO_ERROR, "%u", result);
    int rows = 0;
    for (DWORD i = 0; i < table->dwNumEntries; i++) {
        MIB_TCPROW_OWNER_MODULE *row = &table->table[i];
        if (row->dwLocalPort != port) continue;
        rows++;
        CHECK(row->dwOwningPid == 0, "process %u", row->dwOwningPid);
        unsigned char buffer[4096] = {0};
        DWORD bytes = sizeof buffer;
        result = GetOwnerModuleFromTcpEntry(row, TCPIP_OWNER_MODULE_INFO_BASIC, buffer, &bytes);
        DWORD wanted = row->dwState == MIB_TCP_STATE_LISTEN ? expected : ERROR_NOT_FOUND;
        CHECK(result == wanted, "%u for port %u in state %u", result, port, row->dwState);
        if (result != NO_ERROR) continue;
        TCPIP_OWNER_MODULE_BASIC_INFO info;
        memcpy(&info, buffer, sizeof info);
        CHECK(is_name(info.pModuleName, name), "not %s", name);
        CHECK(info.pModulePath[0] == 0, "a path");
    }
    CHECK(rows > 0, "no row of port %u", port);
    free(table);
}

static bool find_cgroups(char *mount, size_t size) {
    char line[1024], type[64];
    FILE *mounts = fopen("/proc/mounts", "r");
    bool found = false;
    while (!found && fgets(line, sizeof line, mounts)) {
        char path[512];
        found = sscanf(line, "%*s %511s %63s", path, type) == 2 && strcmp(type, "cgroup2") == 0;
        if (found) snprintf(mount, size, "%s", path);
    }
    fclose(mounts);
    return found;
}

// A row of a service is its own, and one of a bare process nobody's that may be named; one that nobody
// holds is not found.
static void test_rows_without_rights(void) {
    char mount[512], top[600], services[3][700];
    const char *names[] = {"web.service", "docker-ID.scope", "session-1.scope"};
    CHECK(find_cgroups(mount, sizeof mount), "no cgroup v2");
    snprintf(top, sizeof top, "%s/tcptable-rights-XXXXXX", mount);
    MUST(mkdtemp(top) == NULL ? -1 : 0);
    MUST(chmod(top, 0755));
    uint16_t ports[4];
    pid_t holders[4];
    for (int i = 0; i < 3; i++) {
        char name[100];
        snprintf(name, sizeof name, "%s", names[i]);
        if (i == 1) {
            strcpy(name, "docker-");
            for (int digit = 0; digit < 64; digit++) strcat(name, "a");
            strcat(name, ".scope");
        }
        snprintf(services[i], sizeof services[i], "%s/%s", top, name);
        MUST(mkdir(services[i], 0755));
        holders[i] = hold_listener(services[i], &ports[i]);
    }
    holders[3] = hold_listener(NULL, &ports[3]);
    pid_t child = fork();
    MUST(child);
    if (child == 0) {
        MUST(setgroups(0, NULL));
        MUST(setresgid(NOBODY, NOBODY, NOBODY));
        MUST(setresuid(NOBODY, NOBODY, NOBODY));
        check_row(AF_INET, ports[0], NO_ERROR, "web.service");
        check_row(AF_INET, ports[1], NO_ERROR, "docker-aaaaaaaaaaaa");
        check_row(AF_INET, ports[2], NO_ERROR, "");
        check_row(AF_INET, ports[3], NO_ERROR, "");
        DWORD sizes[2] = {0, 0};
        for (int i = 0; i < 2; i++)
            CHECK(GetExtendedTcpTable(NULL, &sizes[i], FALSE, i ? 23 : AF_INET6,
                                      TCP_TABLE_OWNER_MODULE_LISTENER, 0) ==
                      ERROR_INSUFFICIENT_BUFFER, "family %d", i ? 23 : AF_INET6);
        CHECK(sizes[0] == sizes[1], "%u, %u", sizes[0], sizes[1]);
        _exit(0);
    }
    int status;
    MUST(waitpid(child, &status, 0));
    CHECK(status == 0, "the child ended with status %d", status);
    for (int i = 0; i < 4; i++) {
        kill(holders[i], SIGKILL);
        waitpid(holders[i], &status, 0);
    }
    for (int i = 0; i < 3; i++)
        for (int attempt = 0; attempt < 200 && rmdir(services[i]) != 0; attempt++) usleep(5000);
    rmdir(top);
}

void test_rights(void) {
    test_rows_without_rights();
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
