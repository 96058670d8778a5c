// hold_lock [dump]: a connection with kernel TLS whose one end is locked, until it is told to let go by
// SIGTERM. What holds the lock is a send() that waits for memory: the kernel copies from a page that
// is not there, and this program, which is asked for it (userfaultfd), does not bring it.
//
// With "dump" it also asks the kernel for the INFO of all sockets, which waits for the lock, as any user
// may.
//
// It prints the ROW lines of its connection and READY, as hold_tls does, once the send() waits.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tls.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sockets.h"

enum { PAGE = 4096 };

struct sending {
    int descriptor;
    void *page;
};

static void *send_page(void *argument) {
    const struct sending *sending = argument;
    send(sending->descriptor, sending->page, PAGE, 0);
    return NULL;
}

// A page that is not there before this program brings it.
static void *missing_page(int faults) {
    struct uffdio_api api = {.api = UFFD_API};
    if (ioctl(faults, UFFDIO_API, &api) < 0) fail("cannot agree on userfaultfd");
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) fail("cannot map a page");
    struct uffdio_register range = {
        .range = {.start = (unsigned long)page, .len = PAGE},
        .mode = UFFDIO_REGISTER_MODE_MISSING,
    };
    if (ioctl(faults, UFFDIO_REGISTER, &range) < 0) fail("cannot register a page");
    return page;
}

// Software, TLS 1.2, AES-GCM-128, to send only; the keys are zeros.
static void begin_tls(int descriptor) {
    struct tls12_crypto_info_aes_gcm_128 keys = {
        .info = {.version = TLS_1_2_VERSION, .cipher_type = TLS_CIPHER_AES_GCM_128}};
    if (setsockopt(descriptor, IPPROTO_TCP, TCP_ULP, "tls", sizeof "tls") < 0)
        fail("cannot set TCP_ULP");
    if (setsockopt(descriptor, SOL_TLS, TLS_TX, &keys, sizeof keys) < 0) fail("cannot set keys");
}

static _Atomic int dumping_thread;

static void *ask_for_info(void *argument) {
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } request = {
        .header = {sizeof request, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1, 0},
        .body = {.sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP,
                 .idiag_ext = 1 << (INET_DIAG_INFO - 1), .idiag_states = ~0u},
    };
    int descriptor = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
    dumping_thread = (int)syscall(SYS_gettid);
    if (descriptor < 0 || send(descriptor, &request, sizeof request, 0) < 0) fail("cannot dump");
    // The kernel goes on when there is room for more rows.
    char rows[32768];
    while (recv(descriptor, rows, sizeof rows, 0) > 0) continue;
    return argument;
}

// Waits until the kernel does not let go of the thread: any wait can look so for a moment.
static void await_sleep(void) {
    char path[64];
    for (int seen = 0; seen < 10;) {
        usleep(10000);
        char state = 'R';
        snprintf(path, sizeof path, "/proc/self/task/%d/stat", dumping_thread);
        FILE *file = fopen(path, "r");
        if (file == NULL) continue;
        if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = 'R';
        fclose(file);
        seen = state == 'D' ? seen + 1 : 0;
    }
}

int main(int argument_count, char **arguments) {
    (void)arguments;
    // poll() does not wait for one that read() waits for (fs/userfaultfd.c, userfaultfd_poll).
    int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
    if (faults < 0) fail("cannot open userfaultfd");
    struct pair pair = connect_pair(AF_INET, AF_INET);
    begin_tls(pair.client);
    struct sending sending = {.descriptor = pair.client, .page = missing_page(faults)};
    pthread_t thread;
    if (pthread_create(&thread, NULL, send_page, &sending) != 0) fail("cannot start a thread");
    struct pollfd fault = {.fd = faults, .events = POLLIN};
    if (poll(&fault, 1, -1) != 1 || fault.revents != POLLIN) fail("no page was asked for");
    if (argument_count > 1) {
        if (pthread_create(&thread, NULL, ask_for_info, NULL) != 0) fail("cannot start a thread");
        await_sleep();
    }
    puts("ROW family=ipv4 state=established via=holder transmit=software receive=none version=1.2 "
         "cipher=aes-gcm-128");
    puts("ROW family=ipv4 state=established via=holder");
    puts("READY");
    fflush(stdout);
    for (;;) pause();
}
