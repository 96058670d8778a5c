// The functions under a filter that kills for any system call but those of a dump and of /proc, memory, and
// futex(2).
#include "contract.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const unsigned allowed[] = {
    // The dump.
    SYS_socket, SYS_connect, SYS_getsockname, SYS_sendto, SYS_recvfrom, SYS_close,
    // /proc and cgroups.
    SYS_openat, SYS_read, SYS_readlinkat, SYS_getdents64, SYS_newfstatat, SYS_fstat, SYS_lseek,
    SYS_open_by_handle_at,
#ifdef SYS_open
    SYS_open, SYS_readlink, SYS_stat, SYS_lstat,
#endif
    SYS_statfs,
    // Memory, locks, time and random numbers; the end.
    SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_futex,
    SYS_clock_gettime, SYS_getrandom, SYS_getpid, SYS_gettid, SYS_write, SYS_exit_group,
};
enum { ALLOWED = sizeof allowed / sizeof *allowed };

// In C++ as in C: BPF_STMT and BPF_JUMP only initialize.
static void enter_sandbox(void) {
    struct sock_filter filter[2 * ALLOWED + 2];
    size_t length = 0;
    const struct sock_filter load_number =
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct sock_filter kill = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    filter[length++] = load_number;
    for (int i = 0; i < ALLOWED; i++) {
        const struct sock_filter is_number =
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
        filter[length++] = is_number;
        filter[length++] = allow;
    }
    filter[length++] = kill;
    struct sock_fprog program = {(unsigned short)length, filter};
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static void ask_everything(void) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        DWORD *size = read_only_size(65536);
        CHECK(ask(&tables[i], NULL, size, FALSE) == ERROR_INVALID_PARAMETER, "%s", tables[i].name);
        void *whole = read_whole(&tables[i], TRUE);
        CHECK(row_count(whole) > 0, "%s has no rows", tables[i].name);
        free(whole);
    }
    MIB_TCPROW_OWNER_MODULE entry = row_of_process((DWORD)getpid());
    unsigned char buffer[16384];
    DWORD size = sizeof buffer;
    CHECK(GetOwnerModuleFromTcpEntry(&entry, TCPIP_OWNER_MODULE_INFO_BASIC, buffer, &size) ==
              NO_ERROR, "no owner");
}

static void ask_in_sandbox(void) {
    // Of its own, for the first process of a namespace owns only what no other one has.
    open_listener(AF_INET);
    enter_sandbox();
    ask_everything();
    _exit(0);
}

// Twice: with the library's first calls inside, and outside.
void test_sandbox(void) {
    int listeners[] = {open_listener(AF_INET), open_listener(AF_INET6)};
    for (int round = 0; round < 2; round++) {
        pid_t child = fork();
        MUST(child);
        if (child == 0) ask_in_sandbox();
        int status;
        MUST(waitpid(child, &status, 0));
        CHECK(status == 0, "the child ended with status %d", status);
        ask_everything();
    }
    for (int i = 0; i < 2; i++) close(listeners[i]);
}
