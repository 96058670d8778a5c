#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <sched.h>

ssize_t clinux_getdents64(int descriptor, void *buffer, size_t byte_count) {
    return getdents64(descriptor, buffer, byte_count);
}

int clinux_enter_network_namespace(int descriptor) { return setns(descriptor, CLONE_NEWNET); }
