// glibc's allocator, defined once more in the test executable, so that a thread can count what it
// asks for. As with the calls of CFaultInjection, everybody in the process comes through here; all
// of it forwards to the functions that glibc has for just that purpose, and memory that was given
// here may be freed by glibc's own free. Sanitizers have an allocator of their own: with them nothing
// is counted, and test_counts_allocations says so.
#include <stdbool.h>
#include <stddef.h>

#include "CTestSupport.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_OTHER_ALLOCATOR
#endif
#endif
#if !defined(__GLIBC__)
#define HAS_OTHER_ALLOCATOR
#endif

// In an executable, thread-local variables lie at fixed offsets: reading them allocates nothing.
static _Thread_local unsigned long allocations;

unsigned long test_allocation_count(void) { return allocations; }

#ifdef HAS_OTHER_ALLOCATOR

bool test_counts_allocations(void) { return false; }

#else

bool test_counts_allocations(void) { return true; }

void *__libc_malloc(size_t byte_count);
void *__libc_calloc(size_t count, size_t byte_count);
void *__libc_realloc(void *memory, size_t byte_count);
void *__libc_memalign(size_t alignment, size_t byte_count);

void *malloc(size_t byte_count) {
    allocations++;
    return __libc_malloc(byte_count);
}

void *calloc(size_t count, size_t byte_count) {
    allocations++;
    return __libc_calloc(count, byte_count);
}

void *realloc(void *memory, size_t byte_count) {
    allocations++;
    return __libc_realloc(memory, byte_count);
}

void *aligned_alloc(size_t alignment, size_t byte_count) {
    allocations++;
    return __libc_memalign(alignment, byte_count);
}

int posix_memalign(void **memory, size_t alignment, size_t byte_count) {
    allocations++;
    void *result = __libc_memalign(alignment, byte_count);
    if (!result) return 12;  // ENOMEM; the function is told not to set errno (man 3 posix_memalign)
    *memory = result;
    return 0;
}

#endif
