#define _GNU_SOURCE
#include "CLinux.h"

#include <pthread.h>
#include <time.h>

enum { STATES = 5, FUNCTIONS = 32, COLD_WAIT_SECONDS = 1 };

static struct {
    pthread_mutex_t lock;
    void *state;
} kept[STATES] = {
    {PTHREAD_MUTEX_INITIALIZER, 0}, {PTHREAD_MUTEX_INITIALIZER, 0},
    {PTHREAD_MUTEX_INITIALIZER, 0}, {PTHREAD_MUTEX_INITIALIZER, 0},
    {PTHREAD_MUTEX_INITIALIZER, 0},
};

// What the thread that forks could lock: nobody is changing that.
static _Thread_local bool is_locked_for_fork[STATES];

// A function's first calls come one after the other: what the runtime of Swift initializes meanwhile, a
// child would wait for without end.
static pthread_mutex_t cold = PTHREAD_MUTEX_INITIALIZER;
static _Bool is_warm[FUNCTIONS];
static _Thread_local _Bool is_cold_locked;
static _Bool is_broken;

enum clinux_call clinux_begin_call(unsigned function) {
    if (__atomic_load_n(&is_broken, __ATOMIC_RELAXED)) return CLINUX_CALL_REFUSED;
    if (__atomic_load_n(&is_warm[function], __ATOMIC_ACQUIRE)) return CLINUX_CALL_WARM;
    pthread_mutex_lock(&cold);
    return CLINUX_CALL_COLD;
}

void clinux_end_cold_call(unsigned function, _Bool is_warm_now) {
    if (is_warm_now) __atomic_store_n(&is_warm[function], 1, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&cold);
}

// Waits for a first call to end, but not for ever: the kernel may hold it up.
static void await_cold_call(void) {
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += COLD_WAIT_SECONDS;
    is_cold_locked = pthread_mutex_clocklock(&cold, CLOCK_MONOTONIC, &deadline) == 0;
}

// Does not wait: whoever holds a lock may be waiting for the kernel.
static void before_fork(void) {
    await_cold_call();
    for (int i = 0; i < STATES; i++)
        is_locked_for_fork[i] = pthread_mutex_trylock(&kept[i].lock) == 0;
}

static void after_fork_in_parent(void) {
    if (is_cold_locked) pthread_mutex_unlock(&cold);
    for (int i = 0; i < STATES; i++)
        if (is_locked_for_fork[i]) pthread_mutex_unlock(&kept[i].lock);
}

// The thread that held the others is not in the child, and what it was changing stays half changed.
static void after_fork_in_child(void) {
    if (is_cold_locked)
        pthread_mutex_unlock(&cold);
    else
        is_broken = 1;
    for (int i = 0; i < STATES; i++) {
        if (is_locked_for_fork[i]) {
            pthread_mutex_unlock(&kept[i].lock);
        } else {
            pthread_mutex_init(&kept[i].lock, NULL);
            kept[i].state = NULL;
        }
    }
}

__attribute__((constructor)) static void watch_forks(void) {
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

void **clinux_lock_process_state(unsigned index) {
    pthread_mutex_lock(&kept[index].lock);
    return &kept[index].state;
}

void clinux_unlock_process_state(unsigned index) { pthread_mutex_unlock(&kept[index].lock); }
