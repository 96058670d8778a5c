import CTestSupport
import Foundation
package import SystemPackage

func currentErrno() -> Errno { Errno(rawValue: errno) }

/// Runs the body with the calling thread alone in a new network namespace, in which only loopback is
/// up. TCP sockets made there are the only ones in their table, and child processes spawned there
/// belong to it. Needs `CAP_SYS_ADMIN`: `.requires(.networkNamespaces)`.
///
/// It is the calling thread and not a new one, so that `#expect` knows the test it belongs to; the
/// thread returns to its namespace, or the process traps. The body cannot be asynchronous, as it
/// might go on elsewhere. Threads that the body starts inherit the namespace. The namespace lives as
/// long as a thread, a process or a socket of it does.
///
/// `/proc/net` stays that of the process' first thread: read `/proc/thread-self/net`.
package func inNewNetworkNamespace<T>(_ body: () throws -> T) throws -> T {
    let home = try check(test_open_network_namespace(), "cannot open /proc/thread-self/ns/net")
    defer {
        precondition(
            test_return_to_network_namespace(home) == 0,
            "cannot return to the network namespace of the tests: \(currentErrno())")
        close(home)
    }
    _ = try check(test_enter_new_network_namespace(), "cannot enter a new network namespace")
    return try body()
}

/// The inode number of the calling thread's network namespace, which names it.
package func networkNamespaceInode() throws -> UInt64 {
    let descriptor = FileDescriptor(
        rawValue: try check(test_open_network_namespace(), "cannot open /proc/thread-self/ns/net"))
    defer { try? descriptor.close() }
    return try inode(of: descriptor)
}

/// The inode number of an open file; of a socket, the one that the TCP table shows.
package func inode(of descriptor: FileDescriptor) throws -> UInt64 {
    var status = stat()
    _ = try check(
        unsafe fstat(descriptor.rawValue, &status), "cannot stat descriptor \(descriptor.rawValue)")
    return UInt64(status.st_ino)
}
