import Foundation
import SystemPackage
import TCPModel
import TestSupport

@testable import Procfs

/// This process.
let ownProcess = ProcessID(rawValue: getpid())

/// Lends a text as bytes.
func withSpan<T>(_ text: String, _ body: (RawSpan) -> T) -> T {
    let bytes = Array(text.utf8)
    return unsafe body(bytes.span.bytes)
}

/// The sockets that a process holds, in the order of their descriptors; throws what keeps any from
/// being looked at.
func sockets(of process: ProcessID, _ procfs: ProcFS = ProcFS()) throws(FileError) -> [SocketInode]
{
    let directory = try procfs.descriptors(of: process)
    let sockets = try directory.allSockets()
    if let refusal = directory.refusal {
        throw FileError(.read, "\(procfs.root)/\(process)/fd", refusal)
    }
    return sockets.map(\.inode)
}

extension DescriptorDirectory {
    /// All sockets, read some descriptors at a time.
    func allSockets(descriptorsPerStep: Int = 4096) throws(FileError) -> [HeldSocket] {
        var sockets: [HeldSocket] = []
        while try next(&sockets, descriptorsMax: descriptorsPerStep) {}
        return sockets
    }
}
