// The TCP table of Linux behind the functions of Windows' IP Helper API, with its names, structures
// and error codes. C11 or C++17; needs nothing but this file. Link with -lIPHelper.
//
// Of rows: addresses are in network byte order, and so are ports, in the low 16 bits of their DWORD
// (the upper ones are 0). The IPv4 functions hold sockets of AF_INET, the IPv6 functions sockets of
// AF_INET6, which the IPv4 connections of a dual-stack socket are.
//
// Every function may be called from any thread. The table is that of the calling thread's network
// namespace.
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
typedef uint16_t WCHAR;  // a UTF-16 code unit; Linux' own wchar_t has 32 bits
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

/// Tables are declared with one row; they have dwNumEntries.
#define ANY_SIZE 1

// MARK: - Error codes

#define NO_ERROR 0u
/// The descriptors of the process or of the system are used up.
#define ERROR_TOO_MANY_OPEN_FILES 4u
/// The system denies the caller what the question needs.
#define ERROR_ACCESS_DENIED 5u
#define ERROR_NOT_ENOUGH_MEMORY 8u
/// A system call failed for a reason that has no code of its own.
#define ERROR_GEN_FAILURE 31u
/// The system cannot give a TCP table: the kernel lacks inet_diag or tcp_diag.
#define ERROR_NOT_SUPPORTED 50u
#define ERROR_INVALID_PARAMETER 87u
/// The buffer is null or too small; the size says what it takes.
#define ERROR_INSUFFICIENT_BUFFER 122u
/// The owner became another program, or ended, while it was looked at.
#define ERROR_PARTIAL_COPY 299u
/// The entry has no owning process, or the process has ended.
#define ERROR_NOT_FOUND 1168u
/// The kernel's answer lost messages, ended early or makes no sense: ask again.
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

/// Who moves a connection's bytes. On Linux the network card does where it encrypts kernel TLS.
/// Before Linux 6.15 only those with CAP_NET_ADMIN are told which connections have it; to others all
/// are InHost.
typedef enum {
    TcpConnectionOffloadStateInHost = 0,
    TcpConnectionOffloadStateOffloading = 1,
    TcpConnectionOffloadStateOffloaded = 2,
    TcpConnectionOffloadStateUploading = 3,
    TcpConnectionOffloadStateMax = 4
} TCP_CONNECTION_OFFLOAD_STATE, *PTCP_CONNECTION_OFFLOAD_STATE;

/// Which rows (LISTENER: listeners; CONNECTIONS: all others; ALL), and which structure they have
/// (BASIC: MIB_TCPROW; OWNER_PID: MIB_TCPROW_OWNER_PID; OWNER_MODULE: MIB_TCPROW_OWNER_MODULE; or
/// the MIB_TCP6 ones).
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
    LARGE_INTEGER liCreateTimestamp;  // 0: Linux does not tell
    ULONGLONG OwningModuleInfo[TCPIP_OWNING_MODULE_SIZE];  // for GetOwnerModuleFromTcpEntry alone
} MIB_TCPROW_OWNER_MODULE, *PMIB_TCPROW_OWNER_MODULE;

typedef struct _MIB_TCPTABLE_OWNER_MODULE {
    DWORD dwNumEntries;
    MIB_TCPROW_OWNER_MODULE table[ANY_SIZE];
} MIB_TCPTABLE_OWNER_MODULE, *PMIB_TCPTABLE_OWNER_MODULE;

// MARK: - IPv6 rows and tables. A scope id is the interface's index, in host byte order, where the
// address is link-local and the socket bound to an interface; else 0.

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
    LARGE_INTEGER liCreateTimestamp;  // 0: Linux does not tell
    ULONGLONG OwningModuleInfo[TCPIP_OWNING_MODULE_SIZE];  // for GetOwnerModuleFromTcp6Entry alone
} MIB_TCP6ROW_OWNER_MODULE, *PMIB_TCP6ROW_OWNER_MODULE;

typedef struct _MIB_TCP6TABLE_OWNER_MODULE {
    DWORD dwNumEntries;
    MIB_TCP6ROW_OWNER_MODULE table[ANY_SIZE];
} MIB_TCP6TABLE_OWNER_MODULE, *PMIB_TCP6TABLE_OWNER_MODULE;

// MARK: - Owners

/// Both strings are UTF-16, end with a zero, lie in the same buffer as this structure, and are
/// empty where the caller may not look into the owner.
typedef struct _TCPIP_OWNER_MODULE_BASIC_INFO {
    PWCHAR pModuleName;  // the systemd service, the container, else the executable's name
    PWCHAR pModulePath;  // the executable's path; empty where there is none
} TCPIP_OWNER_MODULE_BASIC_INFO, *PTCPIP_OWNER_MODULE_BASIC_INFO;

// MARK: - Functions

/// Writes the IPv4 table, a MIB_TCPROW2 for each socket.
///
/// TcpTable: the buffer; null asks for the size. SizePointer: its size in bytes. Order: whether
/// rows are sorted by local address, local port, remote address and remote port, each compared as a
/// number in host byte order; else they come as the kernel has them.
///
/// Returns
/// - NO_ERROR: dwNumEntries and that many rows are written, nothing else, and the size is as it
///   was.
/// - ERROR_INSUFFICIENT_BUFFER: the buffer is null or too small. The size is now what the table
///   needs and room to grow: an eighth more rows, and 16. Call again, in a loop.
/// - ERROR_INVALID_PARAMETER: SizePointer is null or cannot be written.
/// - ERROR_NOT_SUPPORTED: this kernel gives no TCP table.
/// - ERROR_NOT_ENOUGH_MEMORY (also of a table that no DWORD can tell the size of),
///   ERROR_TOO_MANY_OPEN_FILES, ERROR_ACCESS_DENIED, ERROR_GEN_FAILURE: a system call failed.
/// - ERROR_RETRY: the kernel's answer was incomplete, or makes no sense.
///
/// On an error the buffer is as it was.
ULONG GetTcpTable2(PMIB_TCPTABLE2 TcpTable, PULONG SizePointer, BOOL Order);

/// Writes the IPv6 table, a MIB_TCP6ROW2 for each socket; all else is as of GetTcpTable2.
ULONG GetTcp6Table2(PMIB_TCP6TABLE2 TcpTable, PULONG SizePointer, BOOL Order);

/// Writes the table of a class and family; the buffer, the size, the order and the errors are as of
/// GetTcpTable2.
///
/// ulAf: AF_INET or AF_INET6. TableClass: which rows, and their structure. Reserved: 0. Any other
/// value of these is an ERROR_INVALID_PARAMETER too.
DWORD GetExtendedTcpTable(
    PVOID pTcpTable, PDWORD pdwSize, BOOL bOrder, ULONG ulAf, TCP_TABLE_CLASS TableClass,
    ULONG Reserved);

/// Tells whose a row is: what the process that held the socket is now, never another that got its
/// number meanwhile. (An entry of the caller's own making, in which OwningModuleInfo is 0, is known
/// by its number alone.)
///
/// Class: TCPIP_OWNER_MODULE_INFO_BASIC. Buffer: takes a TCPIP_OWNER_MODULE_BASIC_INFO and the
/// strings that it points to. pdwSize: the buffer's size in bytes.
///
/// Returns
/// - NO_ERROR: the structure and the strings are written. Both strings are empty where the caller
///   may not look into the owner; it takes CAP_SYS_PTRACE.
/// - ERROR_INSUFFICIENT_BUFFER: the buffer is null or too small. The size is now what it takes.
/// - ERROR_INVALID_PARAMETER: pTcpEntry is null, pdwSize is null or cannot be written, or Class is
///   another.
/// - ERROR_NOT_FOUND: the entry has no owning process (dwOwningPid is 0), or the process has ended.
/// - ERROR_PARTIAL_COPY: the owner has become another program since the row was read, or changed or
///   ended while it was looked at. A new table tells more.
/// - ERROR_NOT_ENOUGH_MEMORY, ERROR_TOO_MANY_OPEN_FILES, ERROR_ACCESS_DENIED, ERROR_GEN_FAILURE: a
///   system call failed.
///
/// On an error the buffer is as it was.
DWORD GetOwnerModuleFromTcpEntry(
    PMIB_TCPROW_OWNER_MODULE pTcpEntry, TCPIP_OWNER_MODULE_INFO_CLASS Class, PVOID Buffer,
    PDWORD pdwSize);

/// GetOwnerModuleFromTcpEntry for IPv6.
DWORD GetOwnerModuleFromTcp6Entry(
    PMIB_TCP6ROW_OWNER_MODULE pTcpEntry, TCPIP_OWNER_MODULE_INFO_CLASS Class, PVOID Buffer,
    PDWORD pdwSize);

/// Writes what an error code means, in English and UTF-8, and a zero: at most nSize bytes, cut on
/// the boundary of a character. A code that no function here returns gets a text that names its
/// number.
///
/// Returns how many bytes the whole text has, its zero not counted, as snprintf does: the text was
/// cut where that is not less than nSize. A null lpBuffer, or nSize 0, only counts. (Windows has
/// FormatMessage for this, which does much else.)
DWORD FormatIPHelperMessage(DWORD dwMessageId, LPSTR lpBuffer, DWORD nSize);

#ifdef __cplusplus
}
#endif

#endif
