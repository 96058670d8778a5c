// The TCP table of Linux through the functions of Windows' IP Helper API, with the same names,
// structures and error codes. C11 or C++17. Needs no other header. Link with -lIPHelper.
//
// Addresses are in network byte order, and so are ports, in the low 16 bits of their DWORD (the
// upper bits are 0). The IPv4 functions return AF_INET sockets, the IPv6 functions AF_INET6
// sockets. An IPv4 connection of a dual-stack socket is an AF_INET6 socket.
//
// All functions are thread-safe, and work after fork() and daemon(), even if another thread was in
// the middle of a call. A fork() during a function's first successful call waits for its end, for a
// second at most; after that, the functions return ERROR_GEN_FAILURE in the child. They read the table of
// the calling thread's network namespace.
//
// Built with optimization, no function uses more than 32 KB of the caller's stack. The only system call that is made to check an
// argument is futex(2), which programs with threads need anyway: it tells whether a size can be written.
#ifndef TCPTABLE_IPHLPAPI_H
#define TCPTABLE_IPHLPAPI_H

#include <stdint.h>
#include <sys/socket.h>  // AF_INET, AF_INET6

#ifdef __cplusplus
extern "C" {
#endif

// MARK: - Types

typedef int32_t BOOL;
typedef uint8_t UCHAR;
typedef uint16_t USHORT;
typedef uint16_t WCHAR;  // a UTF-16 code unit; wchar_t has 32 bits on Linux
typedef uint32_t DWORD, ULONG;
typedef uint64_t ULONGLONG;
typedef void *PVOID;
typedef char *LPSTR;
typedef WCHAR *PWCHAR;
typedef DWORD *PDWORD;
typedef ULONG *PULONG;

typedef union _LARGE_INTEGER {
    struct {
        DWORD LowPart;
        int32_t HighPart;
    } u;
    int64_t QuadPart;
} LARGE_INTEGER;

// As on Windows; <netinet/in.h> calls its own struct in6_addr.
typedef struct _IN6_ADDR {
    union {
        UCHAR Byte[16];
        USHORT Word[8];
    } u;
} IN6_ADDR, *PIN6_ADDR;

#ifndef FALSE
#define FALSE 0
#endif
#ifndef TRUE
#define TRUE 1
#endif

/// Tables are declared with one row, and have dwNumEntries rows.
#define ANY_SIZE 1

// MARK: - Error codes

#define NO_ERROR 0u
/// The process or the system has no free file descriptors.
#define ERROR_TOO_MANY_OPEN_FILES 4u
/// The caller lacks the permissions for this call.
#define ERROR_ACCESS_DENIED 5u
#define ERROR_NOT_ENOUGH_MEMORY 8u
/// A system call failed for any other reason.
#define ERROR_GEN_FAILURE 31u
/// The kernel does not support TCP socket diagnostics (modules inet_diag and tcp_diag).
#define ERROR_NOT_SUPPORTED 50u
#define ERROR_INVALID_PARAMETER 87u
/// The buffer is null or too small. The size has been set to what is needed.
#define ERROR_INSUFFICIENT_BUFFER 122u
/// The owning process changed or ended during the lookup.
#define ERROR_PARTIAL_COPY 299u
/// The entry has no owning process, or the process has ended.
#define ERROR_NOT_FOUND 1168u
/// The kernel's reply was incomplete or malformed: try again.
#define ERROR_RETRY 1237u

// MARK: - Enumerations

/// A connection's state. MIB_TCP_STATE_DELETE_TCB never occurs on Linux.
typedef enum {
    MIB_TCP_STATE_CLOSED = 1,
    MIB_TCP_STATE_LISTEN = 2,
    MIB_TCP_STATE_SYN_SENT = 3,
    MIB_TCP_STATE_SYN_RCVD = 4,
    MIB_TCP_STATE_ESTAB = 5,
    MIB_TCP_STATE_FIN_WAIT1 = 6,
    MIB_TCP_STATE_FIN_WAIT2 = 7,
    MIB_TCP_STATE_CLOSE_WAIT = 8,
    MIB_TCP_STATE_CLOSING = 9,
    MIB_TCP_STATE_LAST_ACK = 10,
    MIB_TCP_STATE_TIME_WAIT = 11,
    MIB_TCP_STATE_DELETE_TCB = 12
} MIB_TCP_STATE;

/// Whether a connection is offloaded to the network device. On Linux that is kernel TLS encrypted
/// by the device; Uploading is a connection that the device handed back because it went down. Without
/// CAP_BPF and CAP_PERFMON such a connection stays Offloaded or Offloading, and all connections are
/// InHost before Linux 6.9, before 6.15 without CAP_NET_ADMIN, and while a program holds the lock of a
/// socket.
typedef enum {
    TcpConnectionOffloadStateInHost = 0,
    TcpConnectionOffloadStateOffloading = 1,
    TcpConnectionOffloadStateOffloaded = 2,
    TcpConnectionOffloadStateUploading = 3,
    TcpConnectionOffloadStateMax = 4
} TCP_CONNECTION_OFFLOAD_STATE, *PTCP_CONNECTION_OFFLOAD_STATE;

/// The rows of a table (LISTENER: listeners; CONNECTIONS: all others; ALL: both), and their
/// structure (BASIC: MIB_TCPROW; OWNER_PID: MIB_TCPROW_OWNER_PID; OWNER_MODULE:
/// MIB_TCPROW_OWNER_MODULE; for IPv6 the corresponding MIB_TCP6ROW structure).
typedef enum _TCP_TABLE_CLASS {
    TCP_TABLE_BASIC_LISTENER,
    TCP_TABLE_BASIC_CONNECTIONS,
    TCP_TABLE_BASIC_ALL,
    TCP_TABLE_OWNER_PID_LISTENER,
    TCP_TABLE_OWNER_PID_CONNECTIONS,
    TCP_TABLE_OWNER_PID_ALL,
    TCP_TABLE_OWNER_MODULE_LISTENER,
    TCP_TABLE_OWNER_MODULE_CONNECTIONS,
    TCP_TABLE_OWNER_MODULE_ALL
} TCP_TABLE_CLASS, *PTCP_TABLE_CLASS;

typedef enum _TCPIP_OWNER_MODULE_INFO_CLASS {
    TCPIP_OWNER_MODULE_INFO_BASIC
} TCPIP_OWNER_MODULE_INFO_CLASS, *PTCPIP_OWNER_MODULE_INFO_CLASS;

// MARK: - IPv4 rows and tables

typedef struct _MIB_TCPROW {
    DWORD dwState;
    DWORD dwLocalAddr;
    DWORD dwLocalPort;
    DWORD dwRemoteAddr;
    DWORD dwRemotePort;
} MIB_TCPROW, *PMIB_TCPROW;

typedef struct _MIB_TCPTABLE {
    DWORD dwNumEntries;
    MIB_TCPROW table[ANY_SIZE];
} MIB_TCPTABLE, *PMIB_TCPTABLE;

typedef struct _MIB_TCPROW2 {
    DWORD dwState;
    DWORD dwLocalAddr;
    DWORD dwLocalPort;
    DWORD dwRemoteAddr;
    DWORD dwRemotePort;
    DWORD dwOwningPid;
    TCP_CONNECTION_OFFLOAD_STATE dwOffloadState;
} MIB_TCPROW2, *PMIB_TCPROW2;

typedef struct _MIB_TCPTABLE2 {
    DWORD dwNumEntries;
    MIB_TCPROW2 table[ANY_SIZE];
} MIB_TCPTABLE2, *PMIB_TCPTABLE2;

typedef struct _MIB_TCPROW_OWNER_PID {
    DWORD dwState;
    DWORD dwLocalAddr;
    DWORD dwLocalPort;
    DWORD dwRemoteAddr;
    DWORD dwRemotePort;
    DWORD dwOwningPid;
} MIB_TCPROW_OWNER_PID, *PMIB_TCPROW_OWNER_PID;

typedef struct _MIB_TCPTABLE_OWNER_PID {
    DWORD dwNumEntries;
    MIB_TCPROW_OWNER_PID table[ANY_SIZE];
} MIB_TCPTABLE_OWNER_PID, *PMIB_TCPTABLE_OWNER_PID;

#define TCPIP_OWNING_MODULE_SIZE 16

typedef struct _MIB_TCPROW_OWNER_MODULE {
    DWORD dwState;
    DWORD dwLocalAddr;
    DWORD dwLocalPort;
    DWORD dwRemoteAddr;
    DWORD dwRemotePort;
    DWORD dwOwningPid;
    LARGE_INTEGER liCreateTimestamp;  // always 0: unknown on Linux
    ULONGLONG OwningModuleInfo[TCPIP_OWNING_MODULE_SIZE];  // opaque
} MIB_TCPROW_OWNER_MODULE, *PMIB_TCPROW_OWNER_MODULE;

typedef struct _MIB_TCPTABLE_OWNER_MODULE {
    DWORD dwNumEntries;
    MIB_TCPROW_OWNER_MODULE table[ANY_SIZE];
} MIB_TCPTABLE_OWNER_MODULE, *PMIB_TCPTABLE_OWNER_MODULE;

// MARK: - IPv6 rows and tables
//
// A scope ID is the interface's index, in host byte order, if the address is link-local and the
// socket is bound to an interface; else 0.

typedef struct _MIB_TCP6ROW {
    MIB_TCP_STATE State;
    IN6_ADDR LocalAddr;
    DWORD dwLocalScopeId;
    DWORD dwLocalPort;
    IN6_ADDR RemoteAddr;
    DWORD dwRemoteScopeId;
    DWORD dwRemotePort;
} MIB_TCP6ROW, *PMIB_TCP6ROW;

typedef struct _MIB_TCP6TABLE {
    DWORD dwNumEntries;
    MIB_TCP6ROW table[ANY_SIZE];
} MIB_TCP6TABLE, *PMIB_TCP6TABLE;

typedef struct _MIB_TCP6ROW2 {
    IN6_ADDR LocalAddr;
    DWORD dwLocalScopeId;
    DWORD dwLocalPort;
    IN6_ADDR RemoteAddr;
    DWORD dwRemoteScopeId;
    DWORD dwRemotePort;
    MIB_TCP_STATE State;
    DWORD dwOwningPid;
    TCP_CONNECTION_OFFLOAD_STATE dwOffloadState;
} MIB_TCP6ROW2, *PMIB_TCP6ROW2;

typedef struct _MIB_TCP6TABLE2 {
    DWORD dwNumEntries;
    MIB_TCP6ROW2 table[ANY_SIZE];
} MIB_TCP6TABLE2, *PMIB_TCP6TABLE2;

typedef struct _MIB_TCP6ROW_OWNER_PID {
    UCHAR ucLocalAddr[16];
    DWORD dwLocalScopeId;
    DWORD dwLocalPort;
    UCHAR ucRemoteAddr[16];
    DWORD dwRemoteScopeId;
    DWORD dwRemotePort;
    DWORD dwState;
    DWORD dwOwningPid;
} MIB_TCP6ROW_OWNER_PID, *PMIB_TCP6ROW_OWNER_PID;

typedef struct _MIB_TCP6TABLE_OWNER_PID {
    DWORD dwNumEntries;
    MIB_TCP6ROW_OWNER_PID table[ANY_SIZE];
} MIB_TCP6TABLE_OWNER_PID, *PMIB_TCP6TABLE_OWNER_PID;

typedef struct _MIB_TCP6ROW_OWNER_MODULE {
    UCHAR ucLocalAddr[16];
    DWORD dwLocalScopeId;
    DWORD dwLocalPort;
    UCHAR ucRemoteAddr[16];
    DWORD dwRemoteScopeId;
    DWORD dwRemotePort;
    DWORD dwState;
    DWORD dwOwningPid;
    LARGE_INTEGER liCreateTimestamp;  // always 0: unknown on Linux
    ULONGLONG OwningModuleInfo[TCPIP_OWNING_MODULE_SIZE];  // opaque
} MIB_TCP6ROW_OWNER_MODULE, *PMIB_TCP6ROW_OWNER_MODULE;

typedef struct _MIB_TCP6TABLE_OWNER_MODULE {
    DWORD dwNumEntries;
    MIB_TCP6ROW_OWNER_MODULE table[ANY_SIZE];
} MIB_TCP6TABLE_OWNER_MODULE, *PMIB_TCP6TABLE_OWNER_MODULE;

// MARK: - Owners

/// Both strings are null-terminated UTF-16, in the same buffer as this structure. If the caller is not
/// permitted to inspect the owner, the path is empty, and so is the name unless the socket was created
/// in the cgroup of a service or a container.
typedef struct _TCPIP_OWNER_MODULE_BASIC_INFO {
    PWCHAR pModuleName;  // the systemd service, the container, or else the executable's name
    PWCHAR pModulePath;  // the executable's path; empty if there is none
} TCPIP_OWNER_MODULE_BASIC_INFO, *PTCPIP_OWNER_MODULE_BASIC_INFO;

// MARK: - Functions

/// Writes the IPv4 table, one MIB_TCPROW2 per socket.
///
/// TcpTable: the buffer; null only returns the size. SizePointer: the buffer's size in bytes.
/// Order: whether rows are sorted by local address, local port, remote address and remote port,
/// each compared as a number in host byte order; if FALSE, they are in the kernel's order.
///
/// Returns
/// - NO_ERROR: dwNumEntries and that many rows have been written. The size is unchanged.
/// - ERROR_INSUFFICIENT_BUFFER: the buffer is null or too small. The size has been set to what the
///   table needs, plus an eighth and 16 more rows, in case it grows. Call again, in a loop.
/// - ERROR_INVALID_PARAMETER: SizePointer is null or cannot be written.
/// - ERROR_NOT_SUPPORTED: the kernel does not support TCP socket diagnostics.
/// - ERROR_NOT_ENOUGH_MEMORY (also if the table's size exceeds a DWORD), ERROR_TOO_MANY_OPEN_FILES,
///   ERROR_ACCESS_DENIED, ERROR_GEN_FAILURE: a system call failed.
/// - ERROR_RETRY: the kernel's reply was incomplete or malformed.
///
/// On an error the buffer is unchanged.
ULONG GetTcpTable2(PMIB_TCPTABLE2 TcpTable, PULONG SizePointer, BOOL Order);

/// Writes the IPv6 table, one MIB_TCP6ROW2 per socket. Otherwise the same as GetTcpTable2.
ULONG GetTcp6Table2(PMIB_TCP6TABLE2 TcpTable, PULONG SizePointer, BOOL Order);

/// Writes the table of a class and address family. Buffer, size, order and errors are the same as
/// for GetTcpTable2.
///
/// ulAf: AF_INET or AF_INET6 (also with Windows' value, 23). TableClass: the rows, and their structure. Reserved: must be 0. Other
/// values are an ERROR_INVALID_PARAMETER.
DWORD GetExtendedTcpTable(
    PVOID pTcpTable, PDWORD pdwSize, BOOL bOrder, ULONG ulAf, TCP_TABLE_CLASS TableClass,
    ULONG Reserved);

/// Writes the owner of a row: the module of the process that held the socket when the row was read,
/// and not of another process that has since been given the same ID. (An entry made by the caller,
/// with an OwningModuleInfo of 0, is identified by its process ID only.)
///
/// Class: TCPIP_OWNER_MODULE_INFO_BASIC. Buffer: receives a TCPIP_OWNER_MODULE_BASIC_INFO and the
/// strings it points to. pdwSize: the buffer's size in bytes.
///
/// Returns
/// - NO_ERROR: the structure and the strings have been written. If the caller is not permitted to
///   inspect the owner, which needs CAP_SYS_PTRACE, the path is empty, and so is the name unless the
///   socket was created in the cgroup of a service or a container. In such a row dwOwningPid is 0.
/// - ERROR_INSUFFICIENT_BUFFER: the buffer is null or too small. The size has been set to what is
///   needed.
/// - ERROR_INVALID_PARAMETER: pTcpEntry is null, pdwSize is null or cannot be written, or Class is
///   invalid.
/// - ERROR_NOT_FOUND: no process holds the socket, or the process has ended.
/// - ERROR_PARTIAL_COPY: the owner has executed another program since the row was read, or it
///   changed or ended while the row was read or during the lookup. Read the table again.
/// - ERROR_NOT_ENOUGH_MEMORY, ERROR_TOO_MANY_OPEN_FILES, ERROR_ACCESS_DENIED, ERROR_GEN_FAILURE: a
///   system call failed.
///
/// On an error the buffer is unchanged.
DWORD GetOwnerModuleFromTcpEntry(
    PMIB_TCPROW_OWNER_MODULE pTcpEntry, TCPIP_OWNER_MODULE_INFO_CLASS Class, PVOID Buffer,
    PDWORD pdwSize);

/// Writes the owner of an IPv6 row. Otherwise the same as GetOwnerModuleFromTcpEntry.
DWORD GetOwnerModuleFromTcp6Entry(
    PMIB_TCP6ROW_OWNER_MODULE pTcpEntry, TCPIP_OWNER_MODULE_INFO_CLASS Class, PVOID Buffer,
    PDWORD pdwSize);

/// Writes the text of an error code in English, as null-terminated UTF-8 of at most nSize bytes,
/// cut at a character boundary. The text of an unknown code contains its number.
///
/// Returns the length of the whole text in bytes, without the null, as snprintf does: if that is
/// not less than nSize, the text was cut. With a null lpBuffer or an nSize of 0 nothing is written.
/// (The function of Windows for this is FormatMessage, which does much more.)
DWORD FormatIPHelperMessage(DWORD dwMessageId, LPSTR lpBuffer, DWORD nSize);

#ifdef __cplusplus
}
#endif

#endif
