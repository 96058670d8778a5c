// What the micro-benchmarks compare with, in plain C, and what they need of glibc.
#ifndef CMICROBENCHMARKS_H
#define CMICROBENCHMARKS_H

#include <stddef.h>
#include <stdint.h>

/// Writes `modules` × `states` samples of one metric into the buffer, by a call of snprintf(3) for
/// each: what a small exporter in C would do. Their values are 0, 1, 2 and so on. Returns how many
/// bytes there are, which is more than `capacity` when they did not fit.
size_t micro_print_samples(
    char *buffer, size_t capacity, const char *const *modules, size_t module_count,
    const char *const *states, size_t state_count);

/// Calls the body. Its name tells callgrind where to begin and to end counting (--toggle-collect).
void micro_counted(void (*body)(void *context), void *context);

/// The bytes that malloc(3) has given and not got back, of the main thread's arena and of mapped
/// blocks (man 3 mallinfo2, which Glibc leaves out).
size_t micro_live_bytes(void);

#endif
