// testrun EXECUTABLE [ARGUMENT…]: runs a program and measures it, for the tests.
//
// Why a process between the tests and the program: the kernel counts into a program's peak memory
// (ru_maxrss) what the process that called execve(2) had used before (fs/exec.c, exec_mmap), and the
// tests are larger than what they measure. This one is small. It also ends the program when the tests
// end before it, even by a crash.
//
// Descriptor 3 takes one struct report when the program runs or cannot, and another when it has
// ended. Descriptor 4 is a pipe from the tests: its end of file kills the program.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORTS = 3, LIFELINE = 4 };

// ChildProcess.swift reads these 40 bytes.
struct report {
    int64_t kind;
    int64_t value;  // by kind: process id; errno of execvp(3); status of wait(2)
    int64_t peak_resident_bytes;
    int64_t user_microseconds;
    int64_t system_microseconds;
};
enum { STARTED = 1, NOT_STARTED = 2, ENDED = 3 };

static void send_report(struct report report) {
    // Less than PIPE_BUF, hence whole. Where nobody listens any more, SIGPIPE ends this process.
    if (write(REPORTS, &report, sizeof report) != sizeof report) _exit(1);
}

static int watch_children(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

_Noreturn static void become(char **command, int refusal) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(command[0], command);
    int error = errno;
    _exit(write(refusal, &error, sizeof error) == sizeof error ? 127 : 1);
}

// Returns the process id of the program once it runs; reports NOT_STARTED and exits otherwise. The
// pipe is close-on-exec: it ends without a word when execvp(3) has succeeded.
static pid_t start(char **command) {
    int refusal[2] = {-1, -1};
    int error = 0;
    pid_t child = -1;
    if (pipe2(refusal, O_CLOEXEC) == 0) child = fork();
    if (child == 0) become(command, refusal[1]);
    if (child < 0) error = errno;
    close(refusal[1]);
    if (child > 0 && read(refusal[0], &error, sizeof error) == 0) {
        close(refusal[0]);
        return child;
    }
    send_report((struct report){.kind = NOT_STARTED, .value = error});
    exit(1);
}

static int64_t microseconds(struct timeval time) {
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

static void report_end(int status) {
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    send_report((struct report){
        .kind = ENDED,
        .value = status,
        .peak_resident_bytes = (int64_t)usage.ru_maxrss * 1024,
        .user_microseconds = microseconds(usage.ru_utime),
        .system_microseconds = microseconds(usage.ru_stime),
    });
}

// Until the program ends. A lifeline that ends first kills it, and is then left alone.
static int await_end(pid_t child, int children) {
    struct pollfd watched[] = {{children, POLLIN, 0}, {LIFELINE, POLLIN, 0}};
    int status;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (poll(watched, 2, -1) < 0) continue;
        struct signalfd_siginfo ignored;
        if (watched[0].revents && read(children, &ignored, sizeof ignored) < 0) continue;
        if (watched[1].revents) {
            kill(child, SIGKILL);
            watched[1].fd = -1;
        }
    }
    return status;
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    fcntl(REPORTS, F_SETFD, FD_CLOEXEC);
    fcntl(LIFELINE, F_SETFD, FD_CLOEXEC);
    int children = watch_children();
    pid_t child = start(argv + 1);
    send_report((struct report){.kind = STARTED, .value = child});
    // The streams are the program's alone: whoever is at their other ends shall see it close them.
    for (int descriptor = 0; descriptor < REPORTS; descriptor++) close(descriptor);
    report_end(await_end(child, children));
    return 0;
}
