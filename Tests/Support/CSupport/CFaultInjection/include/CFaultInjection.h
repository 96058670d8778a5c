// "The n-th call fails", for every n: libc's functions, defined once more in the test executable.
//
// The dynamic linker looks a symbol up in the executable first, so every caller in the process gets
// the functions of interposed.c: Swift code, SystemPackage, Foundation. (Calls inside glibc itself
// do not go through the symbol table and stay as they are.) All of them forward to the kernel by
// syscall(2). Only a thread that armed itself ever sees a failure.
//
// Interposed: socket, connect, bind, getsockname, setsockopt, getsockopt, send, sendto, recv,
// recvfrom, recvmsg, open, openat, read, pread, readlink, readlinkat, getdents64, stat, lstat,
// fstat, fstatat, statx, statfs, fstatfs, close, setns, unshare, ioctl, and the names that end in
// 64. Interposed functions are no cancellation points: do not use pthread_cancel(3) in tests.
#ifndef CFAULTINJECTION_H
#define CFAULTINJECTION_H

/// Makes the `nth` interposed call from now on (the first is 1) fail on this thread, once, with
/// `error` in errno. With 0 none fails, and calls are only counted.
void fault_injection_arm(unsigned nth, int error);

/// Ends what fault_injection_arm began on this thread. Returns the number of calls seen since then,
/// the failed one included: fewer than `nth` mean that none failed.
unsigned fault_injection_disarm(void);

/// The name of the function that failed since this thread was last armed; "" if none did.
const char *fault_injection_failed_call(void);

/// Descriptors that this thread opened and has not closed since it was armed, by socket, open and
/// openat, and close: process-wide counts would see what other threads do. (A negative number means
/// that it closed older ones. Only these calls are seen: fdopendir(3) closes by itself.)
int fault_injection_descriptors_left_open(void);

#endif
