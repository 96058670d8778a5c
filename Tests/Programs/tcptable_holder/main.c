// tcptable_holder [--cgroup=DIRECTORY] COMMAND: sockets in the hands of this program, or of another.
//
//   listen             a listener
//   sleep              nothing of its own
//   backlog            a listener with a connection that it never accepts, and one in SYN_RECV
//   dual               the same of an IPv6 listener for IPv4 clients
//   orphan             a connection that it has closed and whose peer has not heard of it
//   prefork DIRECTORY  a listener and three clients, with three workers of that cgroup that accept
//   inherit PROGRAM    a listener that a child running PROGRAM has as well
//   exec PROGRAM       a listener; at SIGUSR1 it becomes PROGRAM, and keeps it
//   pass PROGRAM       a listener; at SIGUSR1 a child running PROGRAM gets it alone
//   receive            that child's work
//   ring               a listener, a client and its connection, registered with an io_uring instance and
//                      without a descriptor
//   rings              the same, each with an instance of its own
//   has-rings          nothing: ends with success if there is io_uring
//
// Says "ready" when all is there, "passed" when that is done, and ends when standard input does or its
// parent. With --cgroup it moves there before it opens anything.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WORKERS = 3, RECEIVING = 3 };

_Noreturn static void fail(const char *what) {
    fprintf(stderr, "tcptable_holder: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int check(int result, const char *what) {
    if (result < 0) fail(what);
    return result;
}

static void say(const char *word) {
    printf("%s\n", word);
    fflush(stdout);
}

static void join_cgroup(const char *directory) {
    char path[4096];
    snprintf(path, sizeof path, "%s/cgroup.procs", directory);
    FILE *processes = fopen(path, "we");
    if (!processes || fputs("0", processes) < 0 || fclose(processes) != 0) fail(path);
}

_Noreturn static void hold(void) {
    char ignored[64];
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) {}
    exit(0);
}

static void await_signal(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    int signal;
    if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0) fail("sigprocmask");
    say("ready");
    if (sigwait(&signals, &signal) != 0) fail("sigwait");
}

// A child that dies with its parent; returns 0 in it.
static pid_t fork_child(void) {
    pid_t parent = getpid();
    pid_t child = check(fork(), "fork");
    if (child == 0) {
        check(prctl(PR_SET_PDEATHSIG, SIGKILL), "PR_SET_PDEATHSIG");
        if (getppid() != parent) exit(1);
    }
    return child;
}

static struct sockaddr_in address_of(int listener) {
    struct sockaddr_in6 address;
    socklen_t bytes = sizeof address;
    check(getsockname(listener, (struct sockaddr *)&address, &bytes), "getsockname");
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = address.sin6_port,  // at the same place in both
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_listener(int family, bool defers) {
    int listener = check(socket(family, SOCK_STREAM, 0), "socket");
    int seconds = 60;
    if (defers)
        check(setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds),
              "TCP_DEFER_ACCEPT");
    check(listen(listener, 16), "listen");
    return listener;
}

static int connect_to(int listener) {
    struct sockaddr_in address = address_of(listener);
    int client = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    check(connect(client, (struct sockaddr *)&address, sizeof address), "connect");
    return client;
}

_Noreturn static void backlog(int family) {
    connect_to(open_listener(family, false));
    connect_to(open_listener(family, true));
    say("ready");
    hold();
}

_Noreturn static void orphan(void) {
    int listener = open_listener(AF_INET, false);
    int client = connect_to(listener);
    int server = check(accept(listener, NULL, NULL), "accept");
    struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog filter = {1, nothing};
    check(setsockopt(server, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter),
          "SO_ATTACH_FILTER");
    close(client);
    say("ready");
    hold();
}

_Noreturn static void prefork(const char *cgroup) {
    int listener = open_listener(AF_INET, false);
    int accepted[2];
    check(pipe(accepted), "pipe");
    for (int worker = 0; worker < WORKERS; worker++) {
        if (fork_child() != 0) continue;
        join_cgroup(cgroup);
        check(accept(listener, NULL, NULL), "accept");
        check((int)write(accepted[1], "", 1), "write");
        for (;;) pause();
    }
    for (int client = 0; client < WORKERS; client++) {
        char ignored;
        connect_to(listener);
        check((int)read(accepted[0], &ignored, 1), "read");
    }
    say("ready");
    hold();
}

_Noreturn static void run(const char *program, const char *command) {
    execl(program, program, command, NULL);
    fail(program);
}

_Noreturn static void inherit(const char *program) {
    open_listener(AF_INET, false);
    if (fork_child() == 0) run(program, "sleep");
    hold();  // the child says that it is ready
}

_Noreturn static void become(const char *program) {
    open_listener(AF_INET, false);
    await_signal();
    run(program, "sleep");
}

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message(union control *control, struct iovec *data) {
    return (struct msghdr){
        .msg_iov = data,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof *control};
}

static void send_descriptor(int channel, int descriptor) {
    union control control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    char byte = 0;
    struct iovec data = {&byte, 1};
    struct msghdr letter = message(&control, &data);
    check((int)sendmsg(channel, &letter, 0), "sendmsg");
}

_Noreturn static void receive(void) {
    union control control;
    char byte;
    struct iovec data = {&byte, 1};
    struct msghdr letter = message(&control, &data);
    check((int)recvmsg(RECEIVING, &letter, 0), "recvmsg");
    check((int)write(RECEIVING, "", 1), "write");
    for (;;) pause();
}

_Noreturn static void pass(const char *program) {
    int channel[2];
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel), "socketpair");
    if (fork_child() == 0) {
        if (channel[1] == RECEIVING) channel[1] = check(dup(RECEIVING), "dup");
        check(dup2(channel[1], RECEIVING), "dup2");
        run(program, "receive");
    }
    int listener = open_listener(AF_INET, false);
    await_signal();
    send_descriptor(channel[0], listener);
    char ignored;
    check((int)read(channel[0], &ignored, 1), "read");
    close(listener);
    say("passed");
    hold();
}

// Moves the sockets into an instance, with free places between them.
static void register_and_close(const int *sockets, int count) {
    enum { PLACES = 16 };
    struct io_uring_params parameters;
    memset(&parameters, 0, sizeof parameters);
    int ring = check((int)syscall(SYS_io_uring_setup, 8, &parameters), "io_uring_setup");
    int files[PLACES];
    for (int place = 0; place < PLACES; place++)
        files[place] = place % 5 == 1 && place / 5 < count ? sockets[place / 5] : -1;
    check((int)syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, files, PLACES),
          "io_uring_register");
    for (int socket = 0; socket < count; socket++) close(sockets[socket]);
}

_Noreturn static void ring(bool is_one) {
    int listener = open_listener(AF_INET, false);
    int client = connect_to(listener);
    int sockets[] = {listener, client, check(accept(listener, NULL, NULL), "accept")};
    if (is_one) register_and_close(sockets, 3);
    else for (int socket = 0; socket < 3; socket++) register_and_close(&sockets[socket], 1);
    say("ready");
    hold();
}

int main(int argc, char **argv) {
    const char *option = "--cgroup=";
    if (argc > 1 && strncmp(argv[1], option, strlen(option)) == 0) {
        join_cgroup(argv[1] + strlen(option));
        argv++;
        argc--;
    }
    const char *command = argc > 1 ? argv[1] : "";
    const char *argument = argc > 2 ? argv[2] : "";
    if (strcmp(command, "backlog") == 0) backlog(AF_INET);
    if (strcmp(command, "dual") == 0) backlog(AF_INET6);
    if (strcmp(command, "orphan") == 0) orphan();
    if (strcmp(command, "prefork") == 0) prefork(argument);
    if (strcmp(command, "inherit") == 0) inherit(argument);
    if (strcmp(command, "exec") == 0) become(argument);
    if (strcmp(command, "pass") == 0) pass(argument);
    if (strcmp(command, "receive") == 0) receive();
    if (strcmp(command, "ring") == 0) ring(true);
    if (strcmp(command, "rings") == 0) ring(false);
    if (strcmp(command, "has-rings") == 0) {
        register_and_close(NULL, 0);
        return 0;
    }
    if (strcmp(command, "listen") == 0) open_listener(AF_INET, false);
    else if (strcmp(command, "sleep") != 0) fail("no such command");
    say("ready");
    hold();
}
