// tcptable_leaker leak | clog: a program with a fault that alerts are for.
//
//   leak  its clients close, and it does not: 20 connections a second stay in CLOSE_WAIT
//   clog  accepts nothing: a listener's queue is one longer than its limit, which is full
//
// Says "ready" when it has begun, mends its fault at SIGUSR1 and says "mended", goes on without it, and
// ends when standard input does.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

// LEAKED_MAX at 20 a second is more than three minutes, longer than any test waits.
// Alerts are for accept queues with a limit of 16 at least.
enum { LEAK_MILLISECONDS = 50, LEAKED_MAX = 4000, DESCRIPTORS = LEAKED_MAX + 64, BACKLOG = 16 };

static volatile sig_atomic_t is_told_to_mend;
static int leaked[LEAKED_MAX];
static size_t leaked_count;

static int check(int result, const char *what) {
    if (result >= 0) return result;
    fprintf(stderr, "tcptable_leaker: cannot %s: %s\n", what, strerror(errno));
    exit(1);
}

static void say(const char *word) {
    printf("%s\n", word);
    fflush(stdout);
}

static void note_signal(int signal) {
    (void)signal;
    is_told_to_mend = true;
}

static int new_socket(void) {
    return check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "open a socket");
}

static int listen_on_loopback(struct sockaddr_in *address) {
    *address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof *address;
    int listener = new_socket();
    check(bind(listener, (struct sockaddr *)address, length), "bind");
    check(listen(listener, BACKLOG), "listen");
    check(getsockname(listener, (struct sockaddr *)address, &length), "read the address");
    return listener;
}

static int connect_to(const struct sockaddr_in *address) {
    int client = new_socket();
    check(connect(client, (const struct sockaddr *)address, sizeof *address), "connect");
    return client;
}

static int accept_from(int listener) {
    return check(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
}

static void leak_one(int listener, const struct sockaddr_in *address) {
    if (leaked_count == LEAKED_MAX) return;
    int client = connect_to(address);
    leaked[leaked_count++] = accept_from(listener);
    close(client);
}

static void close_leaked(void) {
    while (leaked_count > 0) close(leaked[--leaked_count]);
}

// Returns false when standard input has ended, and after the time, or a signal, true.
static bool rest(int milliseconds) {
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    char ignored[64];
    return poll(&input, 1, milliseconds) <= 0 || read(STDIN_FILENO, ignored, sizeof ignored) > 0;
}

static void leak(void) {
    struct sockaddr_in address;
    int listener = listen_on_loopback(&address);
    bool is_mended = false;
    say("ready");
    while (rest(LEAK_MILLISECONDS)) {
        if (is_mended) continue;
        if (!is_told_to_mend) {
            leak_one(listener, &address);
            continue;
        }
        close_leaked();
        is_mended = true;
        say("mended");
    }
}

static void hold_up(void) {
    struct sockaddr_in address;
    int listener = listen_on_loopback(&address);
    bool is_mended = false;
    for (int count = 0; count <= BACKLOG; count++) connect_to(&address);
    say("ready");
    while (rest(LEAK_MILLISECONDS)) {
        if (is_mended || !is_told_to_mend) continue;
        for (int count = 0; count <= BACKLOG; count++) accept_from(listener);
        is_mended = true;
        say("mended");
    }
}

int main(int argc, char **argv) {
    struct rlimit limit = {DESCRIPTORS, DESCRIPTORS};
    struct sigaction action = {.sa_handler = note_signal};
    check(sigaction(SIGUSR1, &action, NULL), "watch SIGUSR1");
    check(setrlimit(RLIMIT_NOFILE, &limit), "raise the limit of descriptors");
    if (argc == 2 && strcmp(argv[1], "leak") == 0) leak();
    else if (argc == 2 && strcmp(argv[1], "clog") == 0) hold_up();
    else {
        fprintf(stderr, "usage: tcptable_leaker leak | clog\n");
        return 2;
    }
    return 0;
}
