// Every function from several threads at a time.
#include "contract.h"

#include <pthread.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 25 };

static void *ask_everything(void *argument) {
    const int first = *(const int *)argument;
    for (int round = 0; round < ROUNDS; round++) {
        const struct table *table = &tables[(first + round) % TABLE_COUNT];
        void *whole = read_whole(table, round % 2);
        CHECK(row_count(whole) > 0, "%s has no rows", table->name);
        free(whole);
        MIB_TCPROW_OWNER_MODULE entry = row_of_process((DWORD)getpid());
        unsigned char buffer[16384];
        DWORD size = sizeof buffer;
        DWORD result =
            GetOwnerModuleFromTcpEntry(&entry, TCPIP_OWNER_MODULE_INFO_BASIC, buffer, &size);
        CHECK(result == NO_ERROR, "%u", result);
    }
    return NULL;
}

void test_threads(void) {
    int listener = open_listener(AF_INET);
    pthread_t threads[THREADS];
    int firsts[THREADS];
    for (int i = 0; i < THREADS; i++) {
        firsts[i] = i * 5;
        CHECK(pthread_create(&threads[i], NULL, ask_everything, &firsts[i]) == 0, "thread %d", i);
    }
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0, "thread %d", i);
    close(listener);
}
