import Glibc
import SystemPackage

/// An open `/proc/PID/fd`: a look at one descriptor costs a third of what its whole path would.
package final class DescriptorDirectory {
    /// What a descriptor refers to.
    package enum Target: Equatable {
        case socket(SocketInode)
        case other
    }

    private let directory: FileDescriptor
    private var link = [CChar](repeating: 0, count: 64)
    private var name = [CChar](repeating: 0, count: 16)

    init(_ path: String) throws(FileError) {
        directory = try openFile(FilePath(path), .directory)
    }

    deinit { try? directory.close() }

    /// What the descriptor refers to; nil when it is free, or may not be looked at.
    package subscript(descriptor: UInt32) -> Target? {
        name.writeDecimal(descriptor)
        let byteCount = retryingOnInterrupt {
            unsafe readlinkat(directory.rawValue, name, &link, link.count)
        }
        guard byteCount > 0 else { return nil }
        let target = link
        let inode = unsafe SocketInode(linkTarget: target.span.bytes.extracting(0..<byteCount))
        return inode.map(Target.socket) ?? .other
    }
}

extension [CChar] {
    /// Writes the digits of a number, and a zero behind them; the array is long enough.
    fileprivate mutating func writeDecimal(_ number: UInt32) {
        var divisor: UInt32 = 1
        while number / divisor >= 10 { divisor *= 10 }
        var index = 0
        while divisor > 0 {
            self[index] = CChar(UInt8(ascii: "0")) + CChar(number / divisor % 10)
            divisor /= 10
            index += 1
        }
        self[index] = 0
    }
}
