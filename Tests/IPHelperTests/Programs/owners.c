// Whose a row is: the answers of GetOwnerModuleFromTcpEntry and GetOwnerModuleFromTcp6Entry. Runs in a
// PID namespace of its own, where no number is used again but by this program.
#include "contract.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef MIB_TCPROW_OWNER_MODULE ENTRY;
static const TCPIP_OWNER_MODULE_INFO_CLASS BASIC = TCPIP_OWNER_MODULE_INFO_BASIC;

static void check_refusals(ENTRY *entry, MIB_TCP6ROW_OWNER_MODULE *entry6) {
    struct guarded buffer = guard(16384);
    const TCPIP_OWNER_MODULE_INFO_CLASS other = (TCPIP_OWNER_MODULE_INFO_CLASS)1;
    DWORD size = 16384;
    DWORD *constant = read_only_size(16384);
    const DWORD results[] = {
        GetOwnerModuleFromTcpEntry(NULL, BASIC, buffer.bytes, &size),
        GetOwnerModuleFromTcpEntry(entry, other, buffer.bytes, &size),
        GetOwnerModuleFromTcpEntry(entry, (TCPIP_OWNER_MODULE_INFO_CLASS)0x7FFFFFFF, NULL, &size),
        GetOwnerModuleFromTcpEntry(entry, BASIC, buffer.bytes, NULL),
        GetOwnerModuleFromTcpEntry(entry, BASIC, NULL, NULL),
        GetOwnerModuleFromTcpEntry(entry, BASIC, buffer.bytes, constant),
        GetOwnerModuleFromTcpEntry(entry, BASIC, NULL, constant),
        GetOwnerModuleFromTcp6Entry(NULL, BASIC, buffer.bytes, &size),
        GetOwnerModuleFromTcp6Entry(entry6, other, buffer.bytes, &size),
        GetOwnerModuleFromTcp6Entry(entry6, BASIC, buffer.bytes, NULL),
        GetOwnerModuleFromTcp6Entry(entry6, BASIC, buffer.bytes, constant)};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        CHECK(results[i] == ERROR_INVALID_PARAMETER, "%u of call %zu", results[i], i);
    // Wrong arguments come before what the entry says.
    ENTRY nobody;
    memset(&nobody, 0, sizeof nobody);
    CHECK(GetOwnerModuleFromTcpEntry(&nobody, other, buffer.bytes, &size) ==
              ERROR_INVALID_PARAMETER, "nobody's entry");
    CHECK(size == 16384 && is_untouched(&buffer, 0), "%u", size);
    release(&buffer);
}

static bool is_text(const WCHAR *text, const char *expected) {
    size_t i = 0;
    while (text[i] && text[i] == (unsigned char)expected[i]) i++;
    return text[i] == 0 && expected[i] == 0;
}

// The structure, the name and the path fill the buffer to its last byte. The path is this
// program's.
static void check_answer(const unsigned char *bytes, DWORD size) {
    TCPIP_OWNER_MODULE_BASIC_INFO info;
    memcpy(&info, bytes, sizeof info);
    char path[4096] = "";
    MUST(readlink("/proc/self/exe", path, sizeof path - 1));
    CHECK((unsigned char *)info.pModuleName == bytes + sizeof info, "the name lies elsewhere");
    const WCHAR *name = info.pModuleName;
    while (*name) name++;
    CHECK(name > info.pModuleName && name + 1 == info.pModulePath, "the path lies elsewhere");
    CHECK(is_text(info.pModulePath, path), "another path than %s", path);
    CHECK((const unsigned char *)(info.pModulePath + strlen(path) + 1) == bytes + size,
          "the strings end before the buffer");
}

static DWORD ask_owner(ENTRY *entry, MIB_TCP6ROW_OWNER_MODULE *entry6, void *buffer, DWORD *size) {
    return entry ? GetOwnerModuleFromTcpEntry(entry, BASIC, buffer, size)
                 : GetOwnerModuleFromTcp6Entry(entry6, BASIC, buffer, size);
}

static void check_sizes(ENTRY *entry, MIB_TCP6ROW_OWNER_MODULE *entry6) {
    DWORD exact = 77777;
    CHECK(ask_owner(entry, entry6, NULL, &exact) == ERROR_INSUFFICIENT_BUFFER, "null");
    CHECK(exact > 16 && exact < 16384, "%u", exact);
    for (DWORD given = 0; given <= exact; given++) {
        struct guarded buffer = guard(given);
        DWORD size = given;
        DWORD result = ask_owner(entry, entry6, buffer.bytes, &size);
        CHECK(result == (given < exact ? ERROR_INSUFFICIENT_BUFFER : NO_ERROR), "%u", result);
        CHECK(size == exact, "%u, not %u", size, exact);
        if (given < exact) CHECK(is_untouched(&buffer, 0), "%u bytes", given);
        else check_answer(buffer.bytes, exact);
        release(&buffer);
    }
    struct guarded buffer = guard(exact + 100);
    DWORD size = 0xFFFFFFFF;
    CHECK(ask_owner(entry, entry6, buffer.bytes, &size) == NO_ERROR, "a huge size");
    CHECK(size == 0xFFFFFFFF && is_untouched(&buffer, exact), "%u", size);
    release(&buffer);
}

static DWORD result_of(const ENTRY *entry) {
    struct guarded buffer = guard(16384);
    ENTRY copy = *entry;
    DWORD size = 16384;
    DWORD result = GetOwnerModuleFromTcpEntry(&copy, BASIC, buffer.bytes, &size);
    CHECK(result == NO_ERROR || is_untouched(&buffer, 0), "%u", result);
    CHECK(size == 16384, "%u", size);
    release(&buffer);
    return result;
}

static pid_t start_child(void) {
    pid_t parent = getpid();
    pid_t child = fork();
    MUST(child);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
    }
    return child;
}

static pid_t start_sleeping(void) {
    pid_t child = start_child();
    if (child != 0) return child;
    for (;;) pause();
}

static pid_t start_listening(void) {
    int ready[2];
    char byte;
    MUST(pipe2(ready, O_CLOEXEC));
    pid_t child = start_child();
    if (child == 0) {
        open_listener(AF_INET);
        MUST(write(ready[1], "", 1));
        for (;;) pause();
    }
    CHECK(read(ready[0], &byte, 1) == 1, "no listener");
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void end(pid_t child) {
    MUST(kill(child, SIGKILL));
    MUST(waitpid(child, NULL, 0));
}

static void check_nobody(ENTRY entry) {
    const DWORD nobodies[] = {0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof nobodies / sizeof *nobodies; i++) {
        entry.dwOwningPid = nobodies[i];
        CHECK(result_of(&entry) == ERROR_NOT_FOUND, "%u", nobodies[i]);
    }
    pid_t child = start_sleeping();
    memset(&entry, 0, sizeof entry);
    entry.dwOwningPid = (DWORD)child;
    CHECK(result_of(&entry) == NO_ERROR, "an entry of one's own making");
    end(child);
    CHECK(result_of(&entry) == ERROR_NOT_FOUND, "a process that has ended");
}

// What the words of OwningModuleInfo mean is nobody's business; that a change to one of them is
// noticed is. No word at all may do harm.
static void check_other_words(const ENTRY *entry) {
    int not_found = 0, changed = 0;
    for (int i = 0; i < TCPIP_OWNING_MODULE_SIZE; i++) {
        ENTRY other = *entry;
        other.OwningModuleInfo[i]++;
        DWORD result = result_of(&other);
        if (result == ERROR_NOT_FOUND) not_found++;
        else if (result == ERROR_PARTIAL_COPY) changed++;
        else CHECK(result == NO_ERROR, "%u of word %d", result, i);
    }
    CHECK(not_found == 1 && changed == 1, "start time %d, command %d", not_found, changed);
    ENTRY other;
    memset(&other, 0xFF, sizeof other);
    other.dwOwningPid = entry->dwOwningPid;
    CHECK(result_of(&other) == NO_ERROR, "an entry without words of ours is known by its number");
}

// A process that gets the number of one that has ended (man 5 proc, ns_last_pid). In this PID
// namespace nobody else starts processes.
static void check_reused_number(void) {
    pid_t first = start_listening();
    ENTRY entry = row_of_process((DWORD)first);
    CHECK(result_of(&entry) == NO_ERROR, "the first process");
    end(first);
    usleep(30000);  // A start time counts in hundredths of a second: let the next be another.
    FILE *last = fopen("/proc/sys/kernel/ns_last_pid", "w");
    CHECK(last, "ns_last_pid: %s", strerror(errno));
    fprintf(last, "%d", (int)first - 1);
    CHECK(fclose(last) == 0, "ns_last_pid: %s", strerror(errno));
    pid_t second = start_sleeping();
    CHECK(second == first, "process %d is no second %d", (int)second, (int)first);
    CHECK(result_of(&entry) == ERROR_NOT_FOUND, "a number that is another's now");
    memset(entry.OwningModuleInfo, 0, sizeof entry.OwningModuleInfo);
    CHECK(result_of(&entry) == NO_ERROR, "whoever has the number");
    end(second);
}

// A process that becomes another program between the row and the question.
static void check_exec(void) {
    int go[2], gone[2];
    MUST(pipe(go));
    MUST(pipe2(gone, O_CLOEXEC));
    pid_t child = start_child();
    if (child == 0) {
        int listener = socket(AF_INET, SOCK_STREAM, 0);
        if (listen(listener, 1) < 0) _exit(1);
        if (write(gone[1], "", 1) != 1) _exit(1);
        char byte;
        if (read(go[0], &byte, 1) != 1) _exit(1);
        execlp("sleep", "sleep", "60", (char *)NULL);
        _exit(1);
    }
    char byte;
    close(gone[1]);
    CHECK(read(gone[0], &byte, 1) == 1, "the child has no listener");
    ENTRY entry = row_of_process((DWORD)child);
    CHECK(result_of(&entry) == NO_ERROR, "before");
    MUST(write(go[1], "", 1));
    CHECK(read(gone[0], &byte, 1) == 0, "exec closes the pipe");
    // By then the name of the process is the new program's (fs/exec.c, begin_new_exec), or about to
    // be: descriptors are closed a few lines earlier.
    DWORD result = NO_ERROR;
    for (int tries = 0; tries < 1000 && result == NO_ERROR; tries++) {
        result = result_of(&entry);
        if (result == NO_ERROR) usleep(1000);
    }
    CHECK(result == ERROR_PARTIAL_COPY, "%u after", result);
    entry = row_of_process((DWORD)child);
    CHECK(result_of(&entry) == NO_ERROR, "a new row is the new program's");
    end(child);
    close(go[0]);
    close(go[1]);
    close(gone[0]);
}

void test_owners(void) {
    int listener = open_listener(AF_INET), listener6 = open_listener(AF_INET6);
    ENTRY entry = row_of_process((DWORD)getpid());
    MIB_TCP6ROW_OWNER_MODULE entry6 = row6_of_process((DWORD)getpid());
    CHECK(entry.liCreateTimestamp.QuadPart == 0, "Linux does not tell");
    CHECK(entry6.liCreateTimestamp.QuadPart == 0, "Linux does not tell");
    check_refusals(&entry, &entry6);
    check_sizes(&entry, NULL);
    check_sizes(NULL, &entry6);
    check_nobody(entry);
    check_other_words(&entry);
    close(listener);
    close(listener6);
    check_exec();
    check_reused_number();
}
