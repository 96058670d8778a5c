// Children of a process of which another thread is in the middle of the library's very first call.
#include "contract.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 40, STEP_MICROSECONDS = 250, CHILD_SECONDS = 60 };

static void ask_all(bool may_fail) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        DWORD size = 0, result = ask(&tables[i], NULL, &size, TRUE);
        if (may_fail && result == ERROR_GEN_FAILURE) continue;
        CHECK(result == ERROR_INSUFFICIENT_BUFFER, "%s: %u", tables[i].name, result);
        void *whole = read_whole(&tables[i], TRUE);
        CHECK(row_count(whole) > 0, "%s has no rows", tables[i].name);
        free(whole);
    }
}

static void *call_first(void *argument) {
    ask_all(false);
    return argument;
}

// FORK_AFTER says how many microseconds after the first call's start the process forks.
void fork_during_first_call(void) {
    const char *delay = getenv("FORK_AFTER");
    int listeners[] = {open_listener(AF_INET), open_listener(AF_INET6)};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, call_first, NULL) == 0, "no thread");
    usleep((useconds_t)atoi(delay ? delay : "0"));
    pid_t child = fork();
    MUST(child);
    if (child == 0) {
        // One that hangs is ended by SIGALRM.
        alarm(CHILD_SECONDS);
        ask_all(true);
        _exit(0);
    }
    int status;
    MUST(waitpid(child, &status, 0));
    CHECK(status == 0, "the child ended with status %d", status);
    CHECK(pthread_join(thread, NULL) == 0, "no end");
    for (int i = 0; i < 2; i++) close(listeners[i]);
}

// Each is a program of its own, for only its first call is a first one.
void test_first_forks(void) {
    for (int i = 0; i < PROCESSES; i++) {
        pid_t program = fork();
        MUST(program);
        if (program == 0) {
            char delay[16], name[] = "contract", chapter[] = "first-fork";
            char *const arguments[] = {name, chapter, NULL};
            snprintf(delay, sizeof delay, "%d", i * STEP_MICROSECONDS);
            setenv("FORK_AFTER", delay, 1);
            execv("/proc/self/exe", arguments);
            _exit(127);
        }
        int status;
        MUST(waitpid(program, &status, 0));
        CHECK(status == 0, "after %d us the program ended with status %d", i * STEP_MICROSECONDS,
              status);
    }
}
