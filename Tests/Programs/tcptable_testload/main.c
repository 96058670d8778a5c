// tcptable_testload PAIRS [PROCESSES] [--churn] [--ipv6] [--listening]: a TCP table of a known size.
//
// Makes PAIRS established connections over loopback, so 2 × PAIRS rows, in as many processes as the
// limit of descriptors asks for, or PROCESSES. Says "ready ROWS" on standard output when all of them
// are established, holds them until standard input ends or SIGTERM comes, and leaves no row behind.
// At each line on standard input every process replaces a hundredth of its connections by new ones,
// and "renewed ROWS" is said when all have.
// --churn adds a process that opens and closes connections at full speed until the end (a listener
// and up to two more rows, which ROWS leaves out). With --listening the listeners of all connections
// stay open, a row each, which ROWS leaves out too. The children die with this process.
#define _GNU_SOURCE
#include "testload.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t children[PROCESSES_MAX + 1];  // and the churning one
static uint32_t child_count;

_Noreturn static void refuse(const char *why) {
    fprintf(stderr,
            "tcptable_testload: %s\n"
            "usage: tcptable_testload PAIRS [PROCESSES] [--churn] [--ipv6] [--listening]\n",
            why);
    exit(2);
}

static uint32_t number(const char *text, uint32_t max, const char *refusal) {
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    bool is_number = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
    if (!is_number || value > max) refuse(refusal);
    return (uint32_t)value;
}

static struct plan parse(int argc, char **argv) {
    struct plan plan = {0};
    int positional = 0;
    for (int index = 1; index < argc; index++) {
        const char *argument = argv[index];
        if (strcmp(argument, "--churn") == 0) plan.churns = true;
        else if (strcmp(argument, "--ipv6") == 0) plan.uses_ipv6 = true;
        else if (strcmp(argument, "--listening") == 0) plan.keeps_listening = true;
        else if (positional == 0)
            plan.pairs = number(argument, PAIRS_MAX, "PAIRS is a number up to 1000000"), positional++;
        else if (positional == 1)
            plan.processes = number(argument, PROCESSES_MAX, "PROCESSES is a number up to 1024"),
            positional++;
        else refuse("too many arguments");
    }
    if (positional == 0) refuse("PAIRS is missing");
    return plan;
}

// Raises the soft limit of descriptors, which the children inherit, and returns how many pairs fit.
static uint32_t pairs_per_process(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("cannot read the limit of descriptors");
    if (limit.rlim_max > DESCRIPTORS_MAX) limit.rlim_max = DESCRIPTORS_MAX;
    if (limit.rlim_max < DESCRIPTORS_RESERVED + 2) refuse("the limit of descriptors is too low");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail("cannot raise the limit of descriptors");
    return (uint32_t)(limit.rlim_max - DESCRIPTORS_RESERVED) / 2;
}

static void settle_processes(struct plan *plan) {
    uint32_t capacity = pairs_per_process();
    uint32_t needed = (plan->pairs + capacity - 1) / capacity;
    if (needed > PROCESSES_MAX) refuse("the limit of descriptors is too low for that many pairs");
    if (plan->processes == 0) plan->processes = needed;
    if (plan->processes < needed) refuse("the limit of descriptors asks for more PROCESSES");
    if (plan->processes > plan->pairs) refuse("more PROCESSES than PAIRS");
}

static int watch_signals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0) fail("cannot block signals");
    int descriptor = signalfd(-1, &signals, SFD_CLOEXEC);
    if (descriptor < 0) fail("cannot open a signal descriptor");
    return descriptor;
}

// In a new child: dies with its parent, and is not spared by the mask that the parent needs.
static void become_child(pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) fail("cannot set PR_SET_PDEATHSIG");
    if (getppid() != parent) exit(1);  // it died before the line above
    if (sigprocmask(SIG_SETMASK, &none, NULL) < 0) fail("cannot unblock signals");
}

// Returns true in the new child.
static bool fork_child(void) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) {
        int error = errno;
        for (uint32_t index = 0; index < child_count; index++) kill(children[index], SIGKILL);
        errno = error;
        fail("cannot fork process %u", child_count);
    }
    if (child == 0) become_child(parent);
    else children[child_count++] = child;
    return child == 0;
}

static void fork_children(const struct plan *plan, int report) {
    for (uint32_t index = 0; index < plan->processes; index++) {
        // The first processes take one pair more each, where it does not divide evenly.
        uint32_t share = plan->pairs / plan->processes + (index < plan->pairs % plan->processes);
        if (fork_child()) hold_pairs(index, share, plan, report);
    }
    if (plan->churns && fork_child()) churn(plan->processes, plan->uses_ipv6, report);
}

_Noreturn static void end_children(int status) {
    for (uint32_t index = 0; index < child_count; index++) kill(children[index], SIGKILL);
    for (uint32_t index = 0; index < child_count; index++) waitpid(children[index], NULL, 0);
    exit(status);
}

static void take_signal(int signals) {
    struct signalfd_siginfo info;
    if (read(signals, &info, sizeof info) != sizeof info) return;
    // A child ends of itself only when it failed, and it has said why.
    end_children(info.ssi_signo == SIGCHLD ? 1 : 0);
}

// Returns whether a line has come; ends everything when none will.
static bool take_input(void) {
    char line[512];
    ssize_t count = read(STDIN_FILENO, line, sizeof line);
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) end_children(0);
    return count > 0 && memchr(line, '\n', (size_t)count) != NULL;
}

static uint32_t take_report(int reports) {
    uint32_t counts[1024];
    ssize_t byte_count = read(reports, counts, sizeof counts);
    uint32_t sum = 0;
    for (ssize_t index = 0; index < byte_count / (ssize_t)sizeof *counts; index++)
        sum += counts[index];
    return sum;
}

// Until everything is established, standard input is left alone: it may have ended already.
static void await_established(int reports, int signals, uint32_t expected) {
    bool shows_progress = isatty(STDERR_FILENO);
    struct pollfd watched[] = {{reports, POLLIN, 0}, {signals, POLLIN, 0}};
    for (uint32_t established = 0; established < expected;) {
        if (poll(watched, 2, -1) < 0 && errno != EINTR) break;
        if (watched[1].revents) take_signal(signals);
        if (watched[0].revents) established += take_report(reports);
        if (shows_progress) fprintf(stderr, "\r%u of %u", established, expected);
    }
    if (shows_progress) fputc('\n', stderr);
}

static void renew(const struct plan *plan, int reports, int signals) {
    uint32_t expected = 0;
    for (uint32_t index = 0; index < plan->processes; index++) {
        uint32_t share = plan->pairs / plan->processes + (index < plan->pairs % plan->processes);
        expected += (share + 99) / 100;
        kill(children[index], SIGUSR1);
    }
    await_established(reports, signals, expected);
    printf("renewed %u\n", expected * 2);
    fflush(stdout);
}

_Noreturn static void hold(const struct plan *plan, int reports, int signals) {
    struct pollfd watched[] = {{STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}};
    for (;;) {
        if (poll(watched, 2, -1) < 0) continue;  // EINTR
        if (watched[1].revents) take_signal(signals);
        if (watched[0].revents && take_input()) renew(plan, reports, signals);
    }
}

int main(int argc, char **argv) {
    struct plan plan = parse(argc, argv);
    settle_processes(&plan);
    int signals = watch_signals();
    int report[2];
    if (pipe2(report, O_CLOEXEC) < 0) fail("cannot open a pipe");
    fork_children(&plan, report[1]);
    await_established(report[0], signals, plan.pairs + plan.churns);
    printf("ready %u\n", plan.pairs * 2);
    fflush(stdout);
    hold(&plan, report[0], signals);
}
