#define _GNU_SOURCE
#include "CLinux.h"

#include <linux/bpf.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(enum bpf_cmd command, union bpf_attr *attributes) {
    return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

int clinux_load_iterator(const uint64_t *instructions, uint32_t count, uint32_t function) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_TRACING;
    attributes.expected_attach_type = BPF_TRACE_ITER;
    attributes.attach_btf_id = function;
    attributes.insns = (uintptr_t)instructions;
    attributes.insn_cnt = count;
    // The kernel offers its helper functions to programs under a licence that fits its own.
    attributes.license = (uintptr_t) "Dual MIT/GPL";
    return bpf(BPF_PROG_LOAD, &attributes);
}

int clinux_link_iterator(int program) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.link_create.prog_fd = (uint32_t)program;
    attributes.link_create.attach_type = BPF_TRACE_ITER;
    return bpf(BPF_LINK_CREATE, &attributes);
}

int clinux_open_iterator(int link) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.iter_create.link_fd = (uint32_t)link;
    return bpf(BPF_ITER_CREATE, &attributes);
}

int clinux_drop_capabilities(uint64_t dropped) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, data) < 0) return -1;
    for (int half = 0; half < _LINUX_CAPABILITY_U32S_3; half++) {
        uint32_t bits = ~(uint32_t)(dropped >> (32 * half));
        data[half].effective &= bits;
        data[half].permitted &= bits;
        data[half].inheritable &= bits;
    }
    return (int)syscall(SYS_capset, &header, data);
}
