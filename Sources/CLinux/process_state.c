#include "CLinux.h"

#include <pthread.h>

enum { STATES = 4 };

static struct {
    pthread_mutex_t lock;
    void *state;
} kept[STATES] = {
    {PTHREAD_MUTEX_INITIALIZER, 0}, {PTHREAD_MUTEX_INITIALIZER, 0},
    {PTHREAD_MUTEX_INITIALIZER, 0}, {PTHREAD_MUTEX_INITIALIZER, 0},
};

// What the thread that forks could lock: nobody is changing that.
static _Thread_local bool is_locked_for_fork[STATES];

// Does not wait: whoever holds a lock may be waiting for the kernel.
static void before_fork(void) {
    for (int i = 0; i < STATES; i++)
        is_locked_for_fork[i] = pthread_mutex_trylock(&kept[i].lock) == 0;
}

static void after_fork_in_parent(void) {
    for (int i = 0; i < STATES; i++)
        if (is_locked_for_fork[i]) pthread_mutex_unlock(&kept[i].lock);
}

// The thread that held the others is not in the child, and what it was changing stays half changed.
static void after_fork_in_child(void) {
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
