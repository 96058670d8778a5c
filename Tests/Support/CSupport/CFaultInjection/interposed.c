// libc's functions, each forwarding to the kernel unless the thread is armed (CFaultInjection.h).
//
// Only 64-bit Linux: there each system call takes the arguments as libc's function does, struct stat
// is the kernel's own, and the names ending in 64 mean the same as those without. Where newer
// machines lack an old call (open, stat, readlink), the one with a directory descriptor stands in.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arming.h"

#if UINTPTR_MAX != UINT64_MAX
#error "the system calls below are those of 64-bit machines"
#endif

#define UNLESS_STRUCK(name) \
    if (fault_injection_strikes(name)) return -1

// The mode of open(2) is there only where the flags call for it (man 2 open, O_CREAT, O_TMPFILE).
// O_TMPFILE contains O_DIRECTORY's bit, hence the comparison; its value, from <bits/fcntl-linux.h>,
// is spelled by parts for want of _GNU_SOURCE.
static int takes_mode(int flags) {
    const int tmpfile_bits = 020000000 | O_DIRECTORY;
    return (flags & O_CREAT) != 0 || (flags & tmpfile_bits) == tmpfile_bits;
}

#define READ_MODE(mode, flags)                      \
    mode_t mode = 0;                                \
    if (takes_mode(flags)) {                        \
        va_list arguments;                          \
        va_start(arguments, flags);                 \
        mode = va_arg(arguments, mode_t);           \
        va_end(arguments);                          \
    }

#define DEFINE_OPEN(name)                                                 \
    int name(const char *path, int flags, ...) {                          \
        READ_MODE(mode, flags)                                            \
        UNLESS_STRUCK(#name);                                             \
        return fault_injection_opened(                                    \
            syscall(SYS_openat, AT_FDCWD, path, flags, mode));            \
    }

#define DEFINE_OPENAT(name)                                               \
    int name(int directory, const char *path, int flags, ...) {           \
        READ_MODE(mode, flags)                                            \
        UNLESS_STRUCK(#name);                                             \
        return fault_injection_opened(                                    \
            syscall(SYS_openat, directory, path, flags, mode));           \
    }

DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

// As Linux does, a failing close still closes (man 2 close, "Dealing with error returns").
int close(int descriptor) {
    int result = (int)syscall(SYS_close, descriptor);
    fault_injection_closed(result);
    UNLESS_STRUCK("close");
    return result;
}

ssize_t read(int descriptor, void *buffer, size_t byte_count) {
    UNLESS_STRUCK("read");
    return syscall(SYS_read, descriptor, buffer, byte_count);
}

#define DEFINE_PREAD(name)                                                           \
    ssize_t name(int descriptor, void *buffer, size_t byte_count, off_t offset) {    \
        UNLESS_STRUCK(#name);                                                        \
        return syscall(SYS_pread64, descriptor, buffer, byte_count, offset);         \
    }

DEFINE_PREAD(pread)
DEFINE_PREAD(pread64)

ssize_t readlink(const char *path, char *buffer, size_t byte_count) {
    UNLESS_STRUCK("readlink");
    return syscall(SYS_readlinkat, AT_FDCWD, path, buffer, byte_count);
}

ssize_t readlinkat(int directory, const char *path, char *buffer, size_t byte_count) {
    UNLESS_STRUCK("readlinkat");
    return syscall(SYS_readlinkat, directory, path, buffer, byte_count);
}

ssize_t getdents64(int descriptor, void *buffer, size_t byte_count) {
    UNLESS_STRUCK("getdents64");
    return syscall(SYS_getdents64, descriptor, buffer, byte_count);
}

#define DEFINE_STAT(name, flags)                                                         \
    int name(const char *path, struct stat *status) {                                    \
        UNLESS_STRUCK(#name);                                                            \
        return (int)syscall(SYS_newfstatat, AT_FDCWD, path, (void *)status, flags);      \
    }

#define DEFINE_FSTAT(name)                                                \
    int name(int descriptor, struct stat *status) {                       \
        UNLESS_STRUCK(#name);                                             \
        return (int)syscall(SYS_fstat, descriptor, (void *)status);       \
    }

#define DEFINE_FSTATAT(name)                                                             \
    int name(int directory, const char *path, struct stat *status, int flags) {          \
        UNLESS_STRUCK(#name);                                                            \
        return (int)syscall(SYS_newfstatat, directory, path, (void *)status, flags);     \
    }

DEFINE_STAT(stat, 0)
DEFINE_STAT(stat64, 0)
DEFINE_STAT(lstat, AT_SYMLINK_NOFOLLOW)
DEFINE_STAT(lstat64, AT_SYMLINK_NOFOLLOW)
DEFINE_FSTAT(fstat)
DEFINE_FSTAT(fstat64)
DEFINE_FSTATAT(fstatat)
DEFINE_FSTATAT(fstatat64)

int statx(int directory, const char *path, int flags, unsigned mask, void *status) {
    UNLESS_STRUCK("statx");
    return (int)syscall(SYS_statx, directory, path, flags, mask, status);
}

#define DEFINE_STATFS(name)                                               \
    int name(const char *path, struct statfs *status) {                   \
        UNLESS_STRUCK(#name);                                             \
        return (int)syscall(SYS_statfs, path, (void *)status);            \
    }

#define DEFINE_FSTATFS(name)                                              \
    int name(int descriptor, struct statfs *status) {                     \
        UNLESS_STRUCK(#name);                                             \
        return (int)syscall(SYS_fstatfs, descriptor, (void *)status);     \
    }

DEFINE_STATFS(statfs)
DEFINE_STATFS(statfs64)
DEFINE_FSTATFS(fstatfs)
DEFINE_FSTATFS(fstatfs64)

int socket(int domain, int type, int protocol) {
    UNLESS_STRUCK("socket");
    return fault_injection_opened(syscall(SYS_socket, domain, type, protocol));
}

int connect(int descriptor, const struct sockaddr *address, socklen_t byte_count) {
    UNLESS_STRUCK("connect");
    return (int)syscall(SYS_connect, descriptor, address, byte_count);
}

int bind(int descriptor, const struct sockaddr *address, socklen_t byte_count) {
    UNLESS_STRUCK("bind");
    return (int)syscall(SYS_bind, descriptor, address, byte_count);
}

int getsockname(int descriptor, struct sockaddr *address, socklen_t *byte_count) {
    UNLESS_STRUCK("getsockname");
    return (int)syscall(SYS_getsockname, descriptor, address, byte_count);
}

int setsockopt(int descriptor, int level, int name, const void *value, socklen_t byte_count) {
    UNLESS_STRUCK("setsockopt");
    return (int)syscall(SYS_setsockopt, descriptor, level, name, value, byte_count);
}

int getsockopt(int descriptor, int level, int name, void *value, socklen_t *byte_count) {
    UNLESS_STRUCK("getsockopt");
    return (int)syscall(SYS_getsockopt, descriptor, level, name, value, byte_count);
}

ssize_t send(int descriptor, const void *bytes, size_t byte_count, int flags) {
    UNLESS_STRUCK("send");
    return syscall(SYS_sendto, descriptor, bytes, byte_count, flags, (void *)0, 0);
}

ssize_t sendto(int descriptor, const void *bytes, size_t byte_count, int flags,
               const struct sockaddr *address, socklen_t address_byte_count) {
    UNLESS_STRUCK("sendto");
    return syscall(SYS_sendto, descriptor, bytes, byte_count, flags, address, address_byte_count);
}

ssize_t recv(int descriptor, void *buffer, size_t byte_count, int flags) {
    UNLESS_STRUCK("recv");
    return syscall(SYS_recvfrom, descriptor, buffer, byte_count, flags, (void *)0, (void *)0);
}

ssize_t recvfrom(int descriptor, void *buffer, size_t byte_count, int flags,
                 struct sockaddr *address, socklen_t *address_byte_count) {
    UNLESS_STRUCK("recvfrom");
    return syscall(SYS_recvfrom, descriptor, buffer, byte_count, flags, address,
                   address_byte_count);
}

ssize_t recvmsg(int descriptor, struct msghdr *message, int flags) {
    UNLESS_STRUCK("recvmsg");
    return syscall(SYS_recvmsg, descriptor, message, flags);
}

int setns(int descriptor, int kind) {
    UNLESS_STRUCK("setns");
    return (int)syscall(SYS_setns, descriptor, kind);
}

int unshare(int flags) {
    UNLESS_STRUCK("unshare");
    return (int)syscall(SYS_unshare, flags);
}

int ioctl(int descriptor, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    UNLESS_STRUCK("ioctl");
    return (int)syscall(SYS_ioctl, descriptor, request, argument);
}
