import Glibc
import SystemPackage

/// An open `/proc/PID/fd`: a look at one descriptor costs a third of what its whole path would.
///
/// Reading another user's needs `CAP_SYS_PTRACE` and `CAP_DAC_READ_SEARCH`.
package final class DescriptorDirectory {
    /// What a descriptor refers to.
    package enum Target: Equatable {
        case socket(SocketInode)
        case other
    }

    /// What came of a look at a number.
    private enum Look {
        case target(Target)
        /// No descriptor has the number, or the process is gone.
        case free
        case refused(Errno)
    }

    /// A UInt32 has ten digits at the most.
    private static let nameByteCountMax = 11
    /// Long enough for `socket:[4294967295]`; other links may be cut.
    private static let linkByteCountMax = 64
    /// How many numbers may be free before the rest is listed: so many and an eighth of the table.
    private static let freeMax = (few: 16 as Int64, many: 4096 as Int64)

    private let path: String
    private let directory: FileDescriptor

    init(_ path: String) throws(FileError) {
        self.path = path
        directory = try openFile(FilePath(path), .directory)
    }

    deinit { try? directory.close() }

    /// How many descriptors the process has now; 0 before Linux 6.2, which does not tell.
    package var count: Int64 {
        var status = stat()
        guard retryingOnInterrupt({ unsafe fstat(directory.rawValue, &status) }) == 0 else {
            return 0
        }
        return Int64(status.st_size)
    }

    /// What the descriptor refers to; nil when it is free, or may not be looked at.
    package subscript(descriptor: UInt32) -> Target? {
        if case .target(let target) = look(at: descriptor) { return target }
        return nil
    }

    /// Gives each socket that the process holds, with the descriptor's number; twice if it holds two.
    ///
    /// A descriptor that is closed before its turn is passed over. Those that may not be looked at do
    /// not keep from the others; the first such error is thrown at the end: a directory can be open to
    /// those to whom its links are not.
    ///
    /// The kernel gives the lowest free number to a new descriptor, so that most tables have few gaps:
    /// the numbers are tried in turn, which is cheaper than to have them listed before. Where the gaps
    /// are many, or the count changed meanwhile, the rest is listed all the same.
    ///
    /// - Returns: The `count` at the beginning.
    @discardableResult
    package func forEachSocket(
        _ listing: DirectoryListing, _ body: (_ socket: SocketInode, _ descriptor: UInt32) -> Void
    ) throws(FileError) -> Int64 {
        var refusal: Errno?
        let count = count
        let freeMax = Self.freeMax.few + min(count / 8, Self.freeMax.many)
        var used: Int64 = 0
        var next: UInt32 = 0
        while used < count, Int64(next) - used <= freeMax {
            if see(next, &refusal, body) { used += 1 }
            next += 1
        }
        if count == 0 || used < count || self.count != count {
            try listing.forEachEntry(in: directory, path) { _, name in
                guard let descriptor = name.decimal.flatMap(UInt32.init(exactly:)),
                    descriptor >= next
                else { return }
                _ = see(descriptor, &refusal, body)
            }
        }
        if let refusal { throw FileError(.read, path, refusal) }
        return count
    }

    /// Whether the number is in use; a socket is given.
    @inline(__always)
    private func see(
        _ descriptor: UInt32, _ refusal: inout Errno?, _ body: (SocketInode, UInt32) -> Void
    ) -> Bool {
        switch look(at: descriptor) {
        case .target(.socket(let socket)): body(socket, descriptor)
        case .target(.other): break
        case .refused(let errno): refusal = refusal ?? errno
        case .free: return false
        }
        return true
    }

    /// `readlinkat(2)`. What follows the link instead (`stat`) may wait for a file server that is gone.
    private func look(at descriptor: UInt32) -> Look {
        unsafe withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: Self.nameByteCountMax + Self.linkByteCountMax
        ) { buffer in
            guard let start = buffer.baseAddress else { return .free }
            let target = unsafe start + Self.nameByteCountMax
            let name = unsafe target.writeDecimalBefore(descriptor)
            let byteCount = retryingOnInterrupt {
                unsafe readlinkat(directory.rawValue, name, target, Self.linkByteCountMax)
            }
            guard byteCount >= 0 else {
                let error = Errno(rawValue: errno)
                return error == .noSuchFileOrDirectory || error == .noSuchProcess
                    ? .free : .refused(error)
            }
            let text = unsafe RawSpan(_unsafeStart: target, byteCount: byteCount)
            return .target(SocketInode(linkTarget: text).map(Target.socket) ?? .other)
        }
    }
}

extension UnsafeMutablePointer<CChar> {
    /// Writes the digits of a number and a zero into the bytes before this one, and gives where they
    /// begin.
    fileprivate func writeDecimalBefore(_ number: UInt32) -> UnsafePointer<CChar> {
        var start = unsafe self - 1
        unsafe start.pointee = 0
        var rest = number
        repeat {
            unsafe start -= 1
            unsafe start.pointee = CChar(UInt8(ascii: "0")) + CChar(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        return unsafe UnsafePointer(start)
    }
}
