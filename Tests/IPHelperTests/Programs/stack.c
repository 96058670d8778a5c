// How much of the caller's stack the functions use, in the first calls of a process. STACK_MAX says how many
// bytes they may.
#include "contract.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK_BYTES = 1 << 20, PATTERN = 0xA5 };

static void *do_nothing(void *argument) { return argument; }

static void *read_tables(void *argument) {
    for (int i = 0; i < TABLE_COUNT; i++) free(read_whole(&tables[i], TRUE));
    return argument;
}

static void *read_owner(void *argument) {
    MIB_TCPROW_OWNER_MODULE entry;
    memset(&entry, 0, sizeof entry);
    entry.dwOwningPid = (DWORD)getpid();
    DWORD size = 0;
    GetOwnerModuleFromTcpEntry(&entry, TCPIP_OWNER_MODULE_INFO_BASIC, NULL, &size);
    void *buffer = malloc(size);
    CHECK(GetOwnerModuleFromTcpEntry(&entry, TCPIP_OWNER_MODULE_INFO_BASIC, buffer, &size) ==
              NO_ERROR, "no owner");
    free(buffer);
    return argument;
}

static void *read_messages(void *argument) {
    static const DWORD codes[] = {NO_ERROR, ERROR_NOT_FOUND, ERROR_INSUFFICIENT_BUFFER, 4711};
    char text[64];
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        FormatIPHelperMessage(codes[i], text, sizeof text);
    return argument;
}

// The bytes that a thread changes on a stack of its own, from the highest to the lowest.
static size_t used_bytes(void *(*body)(void *)) {
    unsigned char *stack = (unsigned char *)mmap(
        NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(stack != MAP_FAILED, "no stack");
    memset(stack, PATTERN, STACK_BYTES);
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    CHECK(pthread_attr_setstack(&attributes, stack, STACK_BYTES) == 0, "no stack");
    CHECK(pthread_create(&thread, &attributes, body, NULL) == 0, "no thread");
    CHECK(pthread_join(thread, NULL) == 0, "no end");
    size_t untouched = 0;
    while (untouched < STACK_BYTES && stack[untouched] == PATTERN) untouched++;
    munmap(stack, STACK_BYTES);
    return STACK_BYTES - untouched;
}

void test_stack(void) {
    static const struct {
        const char *name;
        void *(*body)(void *);
    } uses[] = {{"tables", read_tables}, {"owners", read_owner}, {"messages", read_messages}};
    int listeners[] = {open_listener(AF_INET), open_listener(AF_INET6)};
    const char *max = getenv("STACK_MAX");
    // What a thread needs for itself: variables of its own, and its start.
    size_t thread_bytes = used_bytes(do_nothing);
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        size_t bytes = used_bytes(uses[i].body) - thread_bytes;
        printf("%s: %zu bytes\n", uses[i].name, bytes);
        CHECK(bytes < (size_t)atol(max ? max : "32768"), "%s take %zu bytes of stack", uses[i].name, bytes);
    }
    for (int i = 0; i < 2; i++) close(listeners[i]);
}
