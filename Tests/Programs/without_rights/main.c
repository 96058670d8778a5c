// without_rights CAPABILITY[,CAPABILITY...] PROGRAM [ARGUMENT...]: runs a program as root that lacks
// capabilities, by their numbers (linux/capability.h), for good.
// without_rights bpf=ERRNO PROGRAM [ARGUMENT...]: refuses it bpf(2) with the error of this number, by a seccomp
// filter, as systemd's SystemCallFilter= and container runtimes do.
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int refuse_bpf(unsigned error) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int drop_capabilities(char *numbers) {
    for (char *number = strtok(numbers, ","); number; number = strtok(NULL, ","))
        if (prctl(PR_CAPBSET_DROP, strtoul(number, NULL, 10), 0, 0, 0) < 0) return -1;
    return 0;
}

int main(int argument_count, char **arguments) {
    if (argument_count < 3) {
        fputs("usage: without_rights CAPABILITY,...|bpf=ERRNO PROGRAM [ARGUMENT...]\n", stderr);
        return 2;
    }
    unsigned error;
    int is_filter = sscanf(arguments[1], "bpf=%u", &error) == 1;
    if ((is_filter ? refuse_bpf(error) : drop_capabilities(arguments[1])) < 0) {
        perror("without_rights: cannot take rights away");
        return 1;
    }
    execvp(arguments[2], arguments + 2);
    perror(arguments[2]);
    return 1;
}
