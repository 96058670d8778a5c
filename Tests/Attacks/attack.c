// attack NAME COUNT [PROCESSES]: what an ordinary user can do to slow a scrape down. It says "ready" once
// it is done, and holds everything until it is killed, which its parent's end does. `attacks` tells what each is for.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUST(call) \
    do { \
        if ((call) < 0) { \
            perror(#call); \
            exit(1); \
        } \
    } while (0)

static struct sockaddr_in at(unsigned address, unsigned port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)port),
                                .sin_addr.s_addr = htonl(address)};
}

static int listen_at(unsigned address, unsigned port) {
    struct sockaddr_in name = at(address, port);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    MUST(listener);
    MUST(bind(listener, (struct sockaddr *)&name, sizeof name));
    MUST(listen(listener, 8));
    return listener;
}

static int connect_to(unsigned address, unsigned port) {
    struct sockaddr_in name = at(address, port);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    MUST(client);
    MUST(connect(client, (struct sockaddr *)&name, sizeof name));
    return client;
}

// A child ends with its parent.
static pid_t child(void) {
    pid_t parent = getpid(), process = fork();
    MUST(process);
    if (process == 0) {
        MUST(prctl(PR_SET_PDEATHSIG, SIGKILL));
        if (getppid() != parent) exit(1);
    }
    return process;
}

// Processes that share one large descriptor table, and sockets that are in flight between two ends of a
// Unix socket, in no table: each scrape looks for a new one everywhere.
static int wait_for_ever(void *argument) {
    (void)argument;
    MUST(prctl(PR_SET_PDEATHSIG, SIGKILL));
    while (pause() < 0) continue;
    return 0;
}

static void shared_table(int count, int processes) {
    int null = open("/dev/null", O_RDONLY), ends[2];
    MUST(null);
    int listener = listen_at(INADDR_LOOPBACK + 7, 20000);
    MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
    for (int number = 8; number < count; number++) MUST(dup(null));
    for (int index = 1; index < processes; index++) {
        char *stack = malloc(16384);
        if (stack == NULL) exit(1);
        MUST(clone(wait_for_ever, stack + 16384, CLONE_FILES | SIGKILL, NULL));
    }
    puts("ready");
    fflush(stdout);
    for (int round = 0;; round++) {
        int sockets[2] = {connect_to(INADDR_LOOPBACK + 7, 20000), accept(listener, NULL, NULL)};
        char space[CMSG_SPACE(sizeof sockets)] = {0}, byte = 0;
        struct iovec bytes = {&byte, 1};
        struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = space,
                                 .msg_controllen = sizeof space};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        *header = (struct cmsghdr){CMSG_LEN(sizeof sockets), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(header), sockets, sizeof sockets);
        MUST(sendmsg(ends[0], &message, 0));
        close(sockets[0]);
        close(sockets[1]);
        if (round >= 4) MUST(recv(ends[1], &byte, 1, 0));  // without room for them, they are closed
        usleep(200000);
    }
}

// Listeners at one port, each at an address of its own, with a connection that nobody accepts.
static void listeners(int count, int processes) {
    for (int process = 0; process < processes; process++) {
        int ends[2];
        MUST(pipe(ends));
        if (child() == 0) {
            for (int index = process; index < count; index += processes) {
                unsigned address = 0x7f100001u + (unsigned)index;
                listen_at(address, 20000);
                connect_to(address, 20000);
            }
            MUST(write(ends[1], "", 1));
            for (;;) pause();
        }
        char byte;
        close(ends[1]);
        if (read(ends[0], &byte, 1) != 1) exit(1);
    }
}

// Network namespaces of one user, each with a listener.
static void namespaces(int count) {
    for (int index = 0; index < count; index++) {
        int ends[2];
        MUST(pipe(ends));
        if (child() == 0) {
            MUST(unshare(CLONE_NEWUSER | CLONE_NEWNET));
            listen_at(INADDR_ANY, 20000);
            MUST(write(ends[1], "", 1));
            for (;;) pause();
        }
        char byte;
        close(ends[1]);
        if (read(ends[0], &byte, 1) != 1) exit(1);
        close(ends[0]);
    }
}

// Cgroups below the current directory, which is the user's own, and sockets that were made in some of them;
// of a tenth nothing is left but the socket's memory of its cgroup.
static void cgroups(int count, int with_sockets) {
    char path[64];
    for (int index = 0; index < count; index++) {
        snprintf(path, sizeof path, "%d", index / 100);
        if (index % 100 == 0) MUST(mkdir(path, 0755));
        snprintf(path, sizeof path, "%d/%d", index / 100, index % 100);
        MUST(mkdir(path, 0755));
        if (index >= with_sockets) continue;
        snprintf(path, sizeof path, "%d/%d/cgroup.procs", index / 100, index % 100);
        int members = open(path, O_WRONLY);
        MUST(members);
        // A process moves and makes a socket; whoever holds it stays outside.
        MUST(write(members, "0", 1));
        MUST(listen_at(INADDR_LOOPBACK + 9, 20000 + (unsigned)index));
        int home = open("cgroup.procs", O_WRONLY);
        MUST(home);
        MUST(write(home, "0", 1));
        close(home);
        close(members);
        snprintf(path, sizeof path, "%d/%d", index / 100, index % 100);
        if (index % 10 == 0) MUST(rmdir(path));
    }
}

int main(int argument_count, char **arguments) {
    if (argument_count < 3) return 2;
    const char *name = arguments[1];
    int count = atoi(arguments[2]), second = argument_count > 3 ? atoi(arguments[3]) : 1;
    MUST(prctl(PR_SET_PDEATHSIG, SIGKILL));
    struct rlimit limit;
    MUST(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    MUST(setrlimit(RLIMIT_NOFILE, &limit));
    if (strcmp(name, "shared-table") == 0)
        shared_table(count, second);
    else if (strcmp(name, "listeners") == 0)
        listeners(count, second);
    else if (strcmp(name, "namespaces") == 0)
        namespaces(count);
    else if (strcmp(name, "cgroups") == 0)
        cgroups(count, second);
    else
        return 2;
    puts("ready");
    fflush(stdout);
    for (;;) pause();
}
