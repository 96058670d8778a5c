// The kernel interfaces that Swift's Glibc module does not offer.
//
// Structures of the kernel are read by offset, not by importing their headers into Swift: Glibc
// already brings <netinet/tcp.h>, whose types clash with <linux/tcp.h>, and a newer kernel may send
// longer structures than these headers know. layout.c proves every number below at compile time.
#ifndef CLINUX_H
#define CLINUX_H

#include <linux/netlink.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/vfs.h>  // statfs(2), which Glibc leaves out
#include <sys/types.h>

// linux/netlink.h: struct nlmsghdr, one before each message of a datagram.
enum {
    NLMSGHDR_LEN = 0,    // u32, header included
    NLMSGHDR_TYPE = 4,   // u16
    NLMSGHDR_FLAGS = 6,  // u16
    NLMSGHDR_SEQ = 8,    // u32
    NLMSGHDR_PID = 12,   // u32, the port id of the asker
    NLMSGHDR_BYTES = 16,
};

// linux/netlink.h: struct nlattr (the same layout as struct rtattr).
enum {
    NLATTR_LEN = 0,   // u16, header included, padding not
    NLATTR_TYPE = 2,  // u16
    NLATTR_BYTES = 4,
};

// linux/inet_diag.h: struct inet_diag_msg, one a socket.
enum {
    INET_DIAG_MSG_FAMILY = 0,    // u8
    INET_DIAG_MSG_STATE = 1,     // u8
    INET_DIAG_MSG_SPORT = 4,     // be16
    INET_DIAG_MSG_DPORT = 6,     // be16
    INET_DIAG_MSG_SRC = 8,       // 16 bytes, network order
    INET_DIAG_MSG_DST = 24,      // 16 bytes, network order
    INET_DIAG_MSG_IF = 40,       // u32
    INET_DIAG_MSG_COOKIE = 44,   // two u32, the lower half first
    INET_DIAG_MSG_RQUEUE = 56,   // u32
    INET_DIAG_MSG_WQUEUE = 60,   // u32
    INET_DIAG_MSG_UID = 64,      // u32
    INET_DIAG_MSG_INODE = 68,    // u32
    INET_DIAG_MSG_BYTES = 72,
};

// linux/inet_diag.h: struct inet_diag_req (one walk for all families) and inet_diag_req_v2.
enum {
    INET_DIAG_REQ_FAMILY = 0,   // u8
    INET_DIAG_REQ_EXT = 3,      // u8
    INET_DIAG_REQ_STATES = 52,  // u32
    INET_DIAG_REQ_BYTES = 60,

    INET_DIAG_REQ_V2_FAMILY = 0,    // u8
    INET_DIAG_REQ_V2_PROTOCOL = 1,  // u8
    INET_DIAG_REQ_V2_EXT = 2,       // u8
    INET_DIAG_REQ_V2_STATES = 4,    // u32
    INET_DIAG_REQ_V2_BYTES = 56,
};

// linux/inet_diag.h and linux/tls.h: message types and attributes, by number, because the headers of
// the machine that builds may be older than the kernel that runs.
enum {
    CLINUX_TCPDIAG_GETSOCK = 18,
    CLINUX_SOCK_DIAG_BY_FAMILY = 20,

    CLINUX_INET_DIAG_INFO = 2,
    CLINUX_INET_DIAG_SKMEMINFO = 7,
    CLINUX_INET_DIAG_MARK = 15,
    CLINUX_INET_DIAG_ULP_INFO = 19,
    CLINUX_INET_DIAG_CGROUP_ID = 21,

    CLINUX_INET_ULP_INFO_NAME = 1,
    CLINUX_INET_ULP_INFO_TLS = 2,

    CLINUX_TLS_INFO_VERSION = 1,
    CLINUX_TLS_INFO_CIPHER = 2,
    CLINUX_TLS_INFO_TXCONF = 3,
    CLINUX_TLS_INFO_RXCONF = 4,
};

// linux/sock_diag.h: the payload of INET_DIAG_SKMEMINFO, an array of u32.
enum { SK_MEMINFO_DROPS_OFFSET = 32 };

// linux_dirent64, as getdents64(2) writes it.
enum {
    DIRENT64_INO = 0,      // u64
    DIRENT64_RECLEN = 16,  // u16
    DIRENT64_TYPE = 18,    // u8
    DIRENT64_NAME = 19,    // NUL-terminated
};

/// getdents64(2). Reads many directory entries a call into the caller's buffer; readdir(3) would
/// allocate 32 KiB for every directory opened, and /proc has one for every process.
ssize_t clinux_getdents64(int descriptor, void *buffer, size_t byte_count);

/// Opens a cgroup v2 directory by its ID, without rights to anything in it (open_by_handle_at(2), which
/// needs CAP_DAC_READ_SEARCH, and which <fcntl.h> declares for _GNU_SOURCE). `mount` is any open
/// directory of the file system. Returns the descriptor, or -1 with errno: ESTALE where the cgroup is
/// gone.
int clinux_open_cgroup(int mount, uint64_t identifier);

/// setns(2) into a network namespace, of the calling thread only. <sched.h> declares it for
/// _GNU_SOURCE, which Swift does not define.
int clinux_enter_network_namespace(int descriptor);

/// Tells which user is behind a namespace: the owner of the outermost user namespace around it, the
/// caller's own left out; 0 where there is no other (man 2 ioctl_ns). However many users somebody makes up
/// inside, this is who began. On errors the user stays what it is.
void clinux_namespace_user(int descriptor, uint32_t *user);

/// Writes four bytes with what they are, by a system call that reports what it cannot reach instead of
/// raising a signal: futex(2), which every program with threads needs, so that no sandbox kills for
/// it. Returns 0, or -1 with errno: EFAULT where the bytes cannot be read or written; ENOSYS or EPERM
/// where a sandbox forbids the call.
int clinux_rewrite_u32(void *address);

/// Waits for one of five locks, and returns where a pointer to what it guards is kept. The pointer is
/// null at first, and again in the child of a process of which another thread held the lock during
/// fork(2): nobody may touch what that thread was changing. fork(2) itself waits for no lock. Swift's
/// mutexes know their thread by its number, which is another one in the child.
void **clinux_lock_process_state(unsigned index);

/// Gives the lock back.
void clinux_unlock_process_state(unsigned index);

/// What becomes of a call of one of the library's functions.
enum clinux_call {
    /// The function has run before.
    CLINUX_CALL_WARM,
    /// It has not: `clinux_end_cold_call` must follow.
    CLINUX_CALL_COLD,
    /// It must not run: this is the child of a process that was in the middle of such a first call.
    CLINUX_CALL_REFUSED,
};

/// Begins a call of a function, by a number below 32. fork(2) waits for first calls to end, a second at the
/// most, because Swift's runtime may be initializing in them, and its locks know no fork.
enum clinux_call clinux_begin_call(unsigned function);

/// Ends a call that was cold; the next one is warm if this one came to the function's end.
void clinux_end_cold_call(unsigned function, bool is_warm_now);

/// How many columns of a terminal a character takes: wcwidth(3) in a UTF-8 locale, whatever the
/// process's own is. 2 for wide ones, 0 for those that combine, -1 for those that no terminal shows.
/// <wchar.h> declares it for _XOPEN_SOURCE, and it knows the thread's locale alone.
int clinux_display_width(uint32_t character);

/// Whether the environment's locale writes text as UTF-8 (man 7 locale, nl_langinfo(3) CODESET).
bool clinux_is_locale_utf8(void);

/// A terminal's size in character cells (man 2 ioctl_tty, TIOCGWINSZ). ioctl is variadic. Returns 0,
/// or -1 with errno.
int clinux_terminal_size(int descriptor, unsigned short *rows, unsigned short *columns);

/// A descriptor that tells of pending signals (signalfd(2), non-blocking, close-on-exec), or -1 with
/// errno. Glibc's module leaves <sys/signalfd.h> out.
int clinux_open_signals(const sigset_t *signals);

/// The number of the next signal that it tells of, or -1 with errno: EAGAIN when there is none.
int clinux_next_signal(int descriptor);

/// Whether the signal is ignored, as nohup(1) and shells without job control arrange. The handler
/// lies in a union, which Swift cannot compare.
bool clinux_is_signal_ignored(int signal);

/// From `seconds` seconds after now until clinux_progress_end, the text stands on standard error. It
/// is written by a handler of SIGALRM, which may do no more than call write(2): that is for C to
/// promise. The text must live until the end. One at a time, in a process of one thread.
void clinux_progress_begin(const char *text, unsigned seconds);

/// Takes the text away, if it was written.
void clinux_progress_end(void);

/// Gives memory that is free in glibc's heaps back to the system (malloc_trim(3)). Glibc's module leaves
/// <malloc.h> out.
void clinux_malloc_trim(void);

/// Lets memory of 256 KiB and more always go back to the system as soon as it is free (man 3 mallopt,
/// M_MMAP_THRESHOLD): otherwise glibc learns to keep pieces as large as the largest that was freed.
void clinux_malloc_map_large(void);

/// Accepts a connection, non-blocking and close-on-exec (man 2 accept4, which <sys/socket.h> declares
/// for _GNU_SOURCE). Returns the descriptor, or -1 with errno.
int clinux_accept(int listening, struct sockaddr *address, socklen_t *byte_count);

/// A descriptor that becomes readable once eight bytes are written to it, whose sum is a counter
/// (eventfd(2), non-blocking, close-on-exec), or -1 with errno. Glibc's module leaves <sys/eventfd.h> out.
int clinux_open_event(void);

/// Unmaps the pages of the program's and its libraries' files that are never written: code and
/// constants. Those that are needed come back from the page cache, each at the cost of a minor fault
/// (man 2 madvise, MADV_DONTNEED).
void clinux_release_file_pages(void);

/// Loads a BPF program that iterators call (bpf(2), BPF_PROG_LOAD, BPF_TRACE_ITER). `function` is the BTF
/// type of the iterator's function. Needs CAP_BPF and CAP_PERFMON. Returns a descriptor that programs do not
/// inherit, or -1 with errno.
int clinux_load_iterator(const uint64_t *instructions, uint32_t count, uint32_t function);

/// Links a loaded program to its iterator (BPF_LINK_CREATE); with the rights of clinux_load_iterator. Returns
/// a descriptor that programs do not inherit, or -1 with errno.
int clinux_link_iterator(int program);

/// Starts an iteration (BPF_ITER_CREATE); no right is needed to do so with a link. Returns a descriptor to read
/// from, which programs do not inherit, or -1 with errno.
int clinux_open_iterator(int link);

/// Takes capabilities, a bit each, from the calling thread and the threads that it starts (man 7 capabilities).
/// Returns 0, or -1 with errno.
int clinux_drop_capabilities(uint64_t dropped);

#endif
