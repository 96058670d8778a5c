// System calls that fail, by a seccomp filter or a limit, and the codes that come of it. Each in a
// child, for a filter cannot be taken off.
#include "contract.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// From now on the call has the verdict in this process; with an argument, only with that one: the
// first, or of futex(2) the second, its operation.
static void judge(long call, long argument, unsigned verdict) {
    const unsigned matched =
        (unsigned)(offsetof(struct seccomp_data, args) + (call == SYS_futex ? 8 : 0));
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, matched),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)argument, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, verdict),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    if (argument < 0) filter[3].jf = 0;
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static void let_fail(long call, long argument, int error) {
    judge(call, argument, SECCOMP_RET_ERRNO | (unsigned)error);
}

static void allow_no_descriptor(void) {
    struct rlimit limit;
    MUST(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = 0;  // and the hard limit as it is: valgrind would not let it be lowered
    MUST(setrlimit(RLIMIT_NOFILE, &limit));
}

static void check_tables(DWORD expected) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        struct guarded buffer = guard(65536);
        DWORD size = 65536;
        DWORD result = ask(&tables[i], buffer.bytes, &size, TRUE);
        CHECK(result == expected, "%u, not %u, of %s", result, expected, tables[i].name);
        CHECK(size == 65536 && is_untouched(&buffer, 0), "%s", tables[i].name);
        size = 0;
        result = ask(&tables[i], NULL, &size, FALSE);
        CHECK(result == expected && size == 0, "%u of %s", result, tables[i].name);
        release(&buffer);
    }
}

static void check_owner(DWORD process, DWORD expected) {
    MIB_TCPROW_OWNER_MODULE entry;
    MIB_TCP6ROW_OWNER_MODULE entry6;
    memset(&entry, 0, sizeof entry);
    memset(&entry6, 0, sizeof entry6);
    entry.dwOwningPid = entry6.dwOwningPid = process;
    struct guarded buffer = guard(16384);
    const TCPIP_OWNER_MODULE_INFO_CLASS basic = TCPIP_OWNER_MODULE_INFO_BASIC;
    DWORD size = 16384;
    DWORD result = GetOwnerModuleFromTcpEntry(&entry, basic, buffer.bytes, &size);
    CHECK(result == expected, "%u, not %u", result, expected);
    result = GetOwnerModuleFromTcp6Entry(&entry6, basic, buffer.bytes, &size);
    CHECK(result == expected && size == 16384, "%u, not %u", result, expected);
    CHECK(expected == NO_ERROR || is_untouched(&buffer, 0), "on an error");
    release(&buffer);
}

static void await_child(pid_t child, const char *what) {
    int status;
    MUST(child);
    MUST(waitpid(child, &status, 0));
    CHECK(status == 0, "%s: the child ended with status %d", what, status);
}

static void check_table_failures(void) {
    const struct {
        long call, argument;
        int error;
        DWORD expected;
    } cases[] = {
        {SYS_socket, AF_NETLINK, EPROTONOSUPPORT, ERROR_NOT_SUPPORTED},
        {SYS_socket, AF_NETLINK, EAFNOSUPPORT, ERROR_NOT_SUPPORTED},
        {SYS_socket, AF_NETLINK, EMFILE, ERROR_TOO_MANY_OPEN_FILES},
        {SYS_socket, AF_NETLINK, ENFILE, ERROR_TOO_MANY_OPEN_FILES},
        {SYS_socket, AF_NETLINK, ENOMEM, ERROR_NOT_ENOUGH_MEMORY},
        {SYS_socket, AF_NETLINK, ENOBUFS, ERROR_NOT_ENOUGH_MEMORY},
        {SYS_socket, AF_NETLINK, EACCES, ERROR_ACCESS_DENIED},
        {SYS_socket, AF_NETLINK, EPERM, ERROR_ACCESS_DENIED},
        {SYS_sendto, -1, EIO, ERROR_GEN_FAILURE},
        {SYS_recvfrom, -1, ENOBUFS, ERROR_RETRY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pid_t child = fork();
        if (child == 0) {
            let_fail(cases[i].call, cases[i].argument, cases[i].error);
            check_tables(cases[i].expected);
            _exit(0);
        }
        await_child(child, "a table");
    }
}

static void check_owner_failures(void) {
    const struct {
        int error;
        DWORD expected;
    } cases[] = {
        {ENOMEM, ERROR_NOT_ENOUGH_MEMORY}, {EMFILE, ERROR_TOO_MANY_OPEN_FILES},
        {ENFILE, ERROR_TOO_MANY_OPEN_FILES}, {EIO, ERROR_GEN_FAILURE},
        {ENOENT, ERROR_NOT_FOUND}, {EACCES, NO_ERROR},
    };
    DWORD process = (DWORD)getpid();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pid_t child = fork();
        if (child == 0) {
            let_fail(SYS_openat, -1, cases[i].error);
            check_owner(process, cases[i].expected);
            _exit(0);
        }
        await_child(child, "an owner");
    }
}

static void check_limit(void) {
    pid_t child = fork();
    if (child == 0) {
        allow_no_descriptor();
        check_tables(ERROR_TOO_MANY_OPEN_FILES);
        check_owner((DWORD)getppid(), ERROR_TOO_MANY_OPEN_FILES);
        _exit(0);
    }
    await_child(child, "no descriptor left");
}

// A sandbox that forbids looking whether a size can be written, as old ones do: pointers are
// trusted.
static void check_sandbox(void) {
    const int errors[] = {EPERM, ENOSYS};
    for (size_t i = 0; i < 2; i++) {
        pid_t child = fork();
        if (child == 0) {
            let_fail(SYS_futex, FUTEX_WAKE_OP_PRIVATE, errors[i]);
            for (int j = 0; j < TABLE_COUNT; j++) free(read_whole(&tables[j], TRUE));
            DWORD size = 4;
            CHECK(ask(&tables[0], NULL, NULL, FALSE) == ERROR_INVALID_PARAMETER, "null");
            CHECK(ask(&tables[0], NULL, &size, FALSE) == ERROR_INSUFFICIENT_BUFFER, "%u", size);
            _exit(0);
        }
        await_child(child, "a sandbox");
    }
}

// A sandbox that kills for calls which few programs make: wrong pointers are told nevertheless.
static void check_killing_sandbox(void) {
    pid_t child = fork();
    if (child == 0) {
        judge(SYS_process_vm_readv, -1, SECCOMP_RET_KILL_PROCESS);
        judge(SYS_process_vm_writev, -1, SECCOMP_RET_KILL_PROCESS);
        for (int i = 0; i < TABLE_COUNT; i++) {
            free(read_whole(&tables[i], TRUE));
            CHECK(ask(&tables[i], NULL, read_only_size(0), FALSE) == ERROR_INVALID_PARAMETER, "%s",
                  tables[i].name);
        }
        check_owner((DWORD)getppid(), NO_ERROR);
        _exit(0);
    }
    await_child(child, "a sandbox that kills");
}

void test_failures(void) {
    // What is remembered of sockets from here on, every child knows too: each is done sooner.
    for (int i = 0; i < 2; i++) free(read_whole(&tables[i], FALSE));
    check_table_failures();
    check_owner_failures();
    check_limit();
    check_sandbox();
    check_killing_sandbox();
}
