import Glibc
import Linux
import SystemPackage
package import TCPModel

/// An open `/proc/PID/fd`: looking at one descriptor costs a third of what its whole path would.
///
/// Reading another user's needs `CAP_SYS_PTRACE` and `CAP_DAC_READ_SEARCH`.
package final class DescriptorDirectory: DescriptorTable {
    /// What came of a look at a number.
    private enum Look {
        case target(DescriptorTarget)
        /// No descriptor has the number, or the process is gone.
        case free
        case refused(Errno)
    }

    /// A UInt32 has ten digits at the most.
    private static let nameByteCountMax = 11
    /// Long enough for `socket:[4294967295]`; other links may be cut.
    private static let linkByteCountMax = 64
    /// Descriptor 0 is at this position of the directory, behind `.` and `..` (`fs/proc/fd.c`).
    private static let firstPosition = 2
    /// How many numbers may be free before the rest is listed: so many and an eighth of the table.
    private static let freeMax = (few: 16 as Int64, many: 4096 as Int64)

    /// Where the first descriptor is looked for: most processes have the standard streams.
    private static let firstDescriptorMax: UInt32 = 16

    /// How many io_uring instances of one process count.
    private static let ringsMax = 64

    private let path: String
    private let directory: Descriptor
    /// How many descriptors the process had when the directory was opened; 0 before Linux 6.2.
    let initialCount: Int64
    /// The first error that a descriptor could not be looked at with.
    private(set) var refusal: Errno?
    /// The io_uring instances that were met.
    private(set) var rings: [UInt32] = []
    /// The next number to try.
    private var number: UInt32 = 0
    private var usedCount: Int64 = 0
    private var listing: DirectoryStream?

    init(_ path: String) throws(FileError) {
        self.path = path
        directory = try openFile(path, O_DIRECTORY)
        initialCount = (try? directory.status()).map { Int64($0.st_size) } ?? 0
    }

    /// The error that a descriptor could not be looked at with.
    func error(_ errno: Errno) -> FileError { FileError(.read, path, errno) }

    /// Throws if the first descriptor may not be looked at; the directory can be opened all the same.
    func checkAccess() throws(FileError) {
        for descriptor in 0..<Self.firstDescriptorMax {
            switch look(at: descriptor) {
            case .target: return
            case .refused(let errno): throw error(errno)
            case .free: continue
            }
        }
    }

    /// What the descriptor refers to; nil when it is free, or may not be looked at.
    package subscript(descriptor: UInt32) -> DescriptorTarget? {
        if case .target(let target) = look(at: descriptor) { return target }
        return nil
    }

    /// Looks at the next descriptors, and appends the sockets among them; a socket comes twice if two
    /// descriptors refer to it.
    ///
    /// The kernel gives a new descriptor the lowest free number, so that most tables have few gaps: the
    /// numbers are tried in turn, which is cheaper than listing them first, until as many are found as
    /// there were, or too many are free. The rest is listed: there is one if a descriptor was opened in a
    /// gap meanwhile. A descriptor that may not be looked at does not hide the others: see `refusal`.
    ///
    /// - Returns: Whether descriptors may be left.
    func next(_ sockets: inout [HeldSocket], descriptorsMax: Int) throws(FileError) -> Bool {
        let freeMax = Self.freeMax.few + min(initialCount / 8, Self.freeMax.many)
        var count = 0
        while listing == nil, count < descriptorsMax {
            guard usedCount < initialCount, Int64(number) - usedCount <= freeMax else {
                listing = try DirectoryStream(path, from: Int(number) + Self.firstPosition)
                break
            }
            if collect(number, &sockets) { usedCount += 1 }
            number += 1
            count += 1
        }
        guard let listing else { return true }
        while count < descriptorsMax {
            guard let entry = try listing.next() else { return false }
            count += 1
            guard let listed = listing.number(of: entry).flatMap(UInt32.init(exactly:)),
                listed >= number
            else { continue }
            _ = collect(listed, &sockets)
        }
        return true
    }

    /// Whether the number is in use.
    @inline(__always)
    private func collect(_ descriptor: UInt32, _ sockets: inout [HeldSocket]) -> Bool {
        switch look(at: descriptor) {
        case .target(.socket(let inode)):
            sockets.append(HeldSocket(inode: inode, descriptor: descriptor))
        case .target(.ring):
            if rings.count < Self.ringsMax { rings.append(descriptor) }
        case .target(.other): break
        case .refused(let errno): refusal = refusal ?? errno
        case .free: return false
        }
        return true
    }

    /// `readlinkat(2)`. Calls that follow the link (`stat`) could wait for a file server that is gone.
    private func look(at descriptor: UInt32) -> Look {
        unsafe withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: Self.nameByteCountMax + Self.linkByteCountMax
        ) { buffer in
            guard let start = buffer.baseAddress else { return .free }
            let target = unsafe start + Self.nameByteCountMax
            let name = unsafe target.writeDecimalBefore(descriptor)
            let number = directory.rawValue
            let byteCount = retryingOnInterrupt {
                unsafe readlinkat(number, name, target, Self.linkByteCountMax)
            }
            guard byteCount >= 0 else {
                let error = Errno(rawValue: errno)
                return error == .noSuchFileOrDirectory || error == .noSuchProcess
                    ? .free : .refused(error)
            }
            let text = unsafe RawSpan(_unsafeStart: target, byteCount: byteCount)
            return .target(DescriptorTarget(linkTarget: text))
        }
    }
}

extension UnsafeMutablePointer<CChar> {
    /// Writes the digits of a number and a zero into the bytes before this one, and returns where they
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

extension DescriptorTarget {
    /// What a link of `/proc/PID/fd` means.
    fileprivate init(linkTarget target: RawSpan) {
        if let inode = SocketInode(linkTarget: target) {
            self = .socket(inode)
        } else {
            let isRing = target.byteCount == 21 && target.hasPrefix("anon_inode:[io_uring]")
            self = isRing ? .ring : .other
        }
    }
}

extension SocketInode {
    /// The inode that `socket:[INODE]` names; nil for what is no socket.
    init?(linkTarget target: RawSpan) {
        let prefix: StaticString = "socket:["
        let prefixByteCount = prefix.utf8CodeUnitCount
        guard target.byteCount > prefixByteCount + 1, target.hasPrefix(prefix) else { return nil }
        let digits = prefixByteCount..<target.byteCount - 1
        guard target.byte(at: digits.upperBound) == 0x5D,
            let number = target.extracting(digits).decimal, let inode = UInt32(exactly: number)
        else { return nil }
        self.init(rawValue: inode)
    }
}

extension RawSpan {
    /// The number that the bytes write in ASCII digits; nil when they are anything else.
    var decimal: UInt64? {
        unsafe withUnsafeBytes { unsafe UInt64(decimal: $0) }
    }

    fileprivate func hasPrefix(_ prefix: StaticString) -> Bool {
        prefix.withUTF8Buffer { prefix in
            guard byteCount >= prefix.count else { return false }
            for index in prefix.indices where unsafe byte(at: index) != prefix[index] {
                return false
            }
            return true
        }
    }
}
