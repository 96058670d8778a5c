// Children of a process of which other threads are in the middle of calls: what those threads held
// when the child began, nobody gives back there.
#include "contract.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLERS = 2, CHILDREN = 10, CHILD_THREADS = 4, CHILD_SECONDS = 60 };

static int is_over;

static void ask_everything(void) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        void *whole = read_whole(&tables[i], TRUE);
        CHECK(row_count(whole) > 0, "%s has no rows", tables[i].name);
        free(whole);
    }
    MIB_TCPROW_OWNER_MODULE entry;
    memset(&entry, 0, sizeof entry);
    entry.dwOwningPid = (DWORD)getpid();
    unsigned char buffer[16384];
    DWORD size = sizeof buffer;
    DWORD result = GetOwnerModuleFromTcpEntry(&entry, TCPIP_OWNER_MODULE_INFO_BASIC, buffer, &size);
    CHECK(result == NO_ERROR, "%u", result);
}

static void *ask_until_over(void *argument) {
    (void)argument;
    while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) ask_everything();
    return NULL;
}

static void *ask_once(void *argument) {
    (void)argument;
    ask_everything();
    return NULL;
}

static void ask_on_threads(void) {
    pthread_t threads[CHILD_THREADS];
    for (int i = 0; i < CHILD_THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, ask_once, NULL) == 0, "thread %d", i);
    for (int i = 0; i < CHILD_THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0, "thread %d", i);
}

// A child that hangs is ended by SIGALRM.
static pid_t fork_caller(void) {
    pid_t child = fork();
    MUST(child);
    if (child > 0) return child;
    alarm(CHILD_SECONDS);
    ask_everything();
    ask_on_threads();
    pid_t grandchild = fork();
    MUST(grandchild);
    if (grandchild == 0) {
        alarm(CHILD_SECONDS);
        ask_everything();
        _exit(0);
    }
    int status;
    MUST(waitpid(grandchild, &status, 0));
    CHECK(status == 0, "the grandchild ended with status %d", status);
    _exit(0);
}

static void check_daemon(void) {
    int ends[2];
    MUST(pipe(ends));
    pid_t child = fork();
    MUST(child);
    if (child == 0) {
        MUST(daemon(1, 1));
        alarm(CHILD_SECONDS);
        ask_everything();
        ask_on_threads();
        MUST(write(ends[1], "1", 1));
        _exit(0);
    }
    MUST(close(ends[1]));
    int status;
    MUST(waitpid(child, &status, 0));
    CHECK(status == 0, "the daemon's parent ended with status %d", status);
    char byte;
    CHECK(read(ends[0], &byte, 1) == 1, "the daemon ended before its end");
    close(ends[0]);
}

void test_forks(void) {
    int listeners[] = {open_listener(AF_INET), open_listener(AF_INET6)};
    ask_everything();
    pthread_t threads[CALLERS];
    for (int i = 0; i < CALLERS; i++)
        CHECK(pthread_create(&threads[i], NULL, ask_until_over, NULL) == 0, "thread %d", i);
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        usleep(2000 + 700 * (useconds_t)i);
        children[i] = fork_caller();
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        MUST(waitpid(children[i], &status, 0));
        CHECK(status == 0, "child %d ended with status %d", i, status);
    }
    check_daemon();
    __atomic_store_n(&is_over, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < CALLERS; i++) CHECK(pthread_join(threads[i], NULL) == 0, "thread %d", i);
    for (int i = 0; i < 2; i++) close(listeners[i]);
}
