// hold_lock: a connection with kernel TLS whose one end is locked, until it is told to let go by
// SIGTERM. What holds the lock is a send() that waits for memory: the kernel copies from a page that
// is not there, and this program, which is asked for it (userfaultfd), does not bring it.
//
// It prints the ROW lines of its connection and READY, as hold_tls does, once the send() waits.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/tls.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
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

int main(void) {
    int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
    if (faults < 0) fail("cannot open userfaultfd");
    struct pair pair = connect_pair(AF_INET, AF_INET);
    begin_tls(pair.client);
    struct sending sending = {.descriptor = pair.client, .page = missing_page(faults)};
    pthread_t thread;
    if (pthread_create(&thread, NULL, send_page, &sending) != 0) fail("cannot start a thread");
    struct pollfd fault = {.fd = faults, .events = POLLIN};
    if (poll(&fault, 1, -1) != 1) fail("no page was asked for");
    puts("ROW family=ipv4 state=established via=holder transmit=software receive=none version=1.2 "
         "cipher=aes-gcm-128");
    puts("ROW family=ipv4 state=established via=holder");
    puts("READY");
    fflush(stdout);
    for (;;) pause();
}
