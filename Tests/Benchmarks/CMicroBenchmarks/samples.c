#include "CMicroBenchmarks.h"

#include <malloc.h>
#include <stdio.h>

size_t micro_print_samples(
    char *buffer, size_t capacity, const char *const *modules, size_t module_count,
    const char *const *states, size_t state_count) {
    size_t used = 0;
    unsigned long long value = 0;
    for (size_t module = 0; module < module_count; module++)
        for (size_t state = 0; state < state_count; state++) {
            size_t rest = used < capacity ? capacity - used : 0;
            used += (size_t)snprintf(
                rest > 0 ? buffer + used : NULL, rest,
                "benchmark_connections{module=\"%s\",kind=\"service\",state=\"%s\"} %llu\n",
                modules[module], states[state], value++);
        }
    return used;
}

__attribute__((noinline)) void micro_counted(void (*body)(void *context), void *context) {
    body(context);
    __asm__ volatile("");  // Something is left to do: no jump instead of the call.
}

size_t micro_live_bytes(void) {
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}
