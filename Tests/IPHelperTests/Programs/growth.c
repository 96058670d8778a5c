// Tables that grow between two calls and during them.
#include "contract.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 4, CHURNING = 800 };

// More sockets between two calls than the room that the first left are one more round; with no
// more, the next call gets through.
static void outgrow_the_room(const struct table *table) {
    DWORD size = 0;
    void *buffer = NULL;
    int opened[4096], open_count = 0;
    for (int round = 0; round < ROUNDS; round++) {
        DWORD before = size;
        CHECK(ask(table, buffer, &size, FALSE) == ERROR_INSUFFICIENT_BUFFER, "%s", table->name);
        CHECK(size > before, "%u after %u", size, before);
        buffer = realloc(buffer, size);
        CHECK(buffer, "no memory");
        size_t rows = (size - table->header_bytes) / table->row_bytes;
        for (size_t i = 0; i <= rows / 8 + 16; i++)
            opened[open_count++] = open_listener((int)table->family);
    }
    CHECK(ask(table, buffer, &size, FALSE) == ERROR_INSUFFICIENT_BUFFER, "%s", table->name);
    buffer = realloc(buffer, size);
    // Sixteen more are what there is room for, whatever the table is.
    for (int i = 0; i < 16; i++) opened[open_count++] = open_listener((int)table->family);
    CHECK(ask(table, buffer, &size, FALSE) == NO_ERROR, "%s", table->name);
    while (open_count > 0) close(opened[--open_count]);
    free(buffer);
}

static pid_t start_churning(void) {
    pid_t parent = getpid();
    pid_t child = fork();
    MUST(child);
    if (child != 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    int ring[CHURNING];
    for (int i = 0;; i = (i + 1) % (2 * CHURNING)) {
        // The table grows for one turn of the ring, and shrinks for the next.
        if (i < CHURNING) ring[i] = open_listener(i % 2 ? AF_INET : AF_INET6);
        else close(ring[i - CHURNING]);
    }
}

void test_growth(void) {
    struct rlimit limit = {8192, 8192};
    MUST(setrlimit(RLIMIT_NOFILE, &limit));
    outgrow_the_room(&tables[0]);
    outgrow_the_room(&tables[1]);
    outgrow_the_room(&tables[13]);
    pid_t churning = start_churning();
    for (int i = 0; i < 20; i++) free(read_whole(&tables[i % TABLE_COUNT], i % 2));
    MUST(kill(churning, SIGKILL));
    MUST(waitpid(churning, NULL, 0));
}
