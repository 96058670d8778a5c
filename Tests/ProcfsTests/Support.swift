import Foundation
import SystemPackage
import TestSupport

@testable import Procfs

/// This process.
let ownProcess = ProcessID(rawValue: getpid())

/// Lends a text as bytes.
func withSpan<T>(_ text: String, _ body: (RawSpan) -> T) -> T {
    let bytes = Array(text.utf8)
    return unsafe body(bytes.span.bytes)
}

/// The sockets that a process holds, in the order of their descriptors.
func sockets(of process: ProcessID, _ procfs: ProcFS = ProcFS()) throws(FileError) -> [SocketInode]
{
    var sockets: [SocketInode] = []
    try procfs.descriptors(of: process).forEachSocket(DirectoryListing()) { socket, _ in
        sockets.append(socket)
    }
    return sockets
}
