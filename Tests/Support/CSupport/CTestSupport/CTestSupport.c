#define _GNU_SOURCE
#include "CTestSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int test_open_network_namespace(void) {
    // Not /proc/self, which is the namespace of the process' first thread.
    return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static int bring_loopback_up(void) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int result = ioctl(descriptor, SIOCSIFFLAGS, &request);
    int error = errno;
    close(descriptor);
    errno = error;
    return result;
}

int test_enter_new_network_namespace(void) {
    return unshare(CLONE_NEWNET) < 0 ? -1 : bring_loopback_up();
}

int test_return_to_network_namespace(int descriptor) {
    return (int)syscall(SYS_setns, descriptor, CLONE_NEWNET);
}

int test_swap_effective_capabilities(unsigned effective[2]) {
    struct __user_cap_header_struct self = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &self, data) < 0) return -1;
    for (int half = 0; half < 2; half++) {
        unsigned wanted = effective[half] & data[half].permitted;
        effective[half] = data[half].effective;
        data[half].effective = wanted;
    }
    return (int)syscall(SYS_capset, &self, data);
}

int test_drop_received_packets(int descriptor) {
    // One instruction: keep 0 bytes, which means to drop the packet.
    struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = 1, .filter = &drop};
    return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int test_reset_on_close(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

int test_tcp_state(int descriptor) {
    struct tcp_info info;
    socklen_t byte_count = sizeof info;
    int result = getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &byte_count);
    return result < 0 ? -1 : info.tcpi_state;
}

int test_accept(int descriptor) {
    return accept4(descriptor, NULL, NULL, SOCK_CLOEXEC);
}

int test_open_pipe(int *ends) {
    return pipe2(ends, O_CLOEXEC);
}

int test_open_memory_file(void) {
    return memfd_create("test", MFD_CLOEXEC);
}

static int set_descriptors(
    posix_spawn_file_actions_t *actions, const int *descriptors, int descriptor_count) {
    for (int index = 0; index < descriptor_count; index++) {
        int error = posix_spawn_file_actions_adddup2(actions, descriptors[index], index);
        if (error != 0) return error;
    }
    return posix_spawn_file_actions_addclosefrom_np(actions, descriptor_count);
}

static int set_signals(posix_spawnattr_t *attributes) {
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

int test_spawn(
    pid_t *process_id, const char *path, char *const *arguments, char *const *environment,
    const int *descriptors, int descriptor_count) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int error = set_descriptors(&actions, descriptors, descriptor_count);
    if (error == 0) error = set_signals(&attributes);
    if (error == 0)
        error = posix_spawn(process_id, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}
