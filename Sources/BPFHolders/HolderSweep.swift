import Linux
import SystemPackage
import TCPModel

/// The sockets that all processes hold, as one iteration told.
struct HolderSweep {
    /// Consecutive sockets of one process.
    struct Run {
        var process: ProcessID
        var sockets: Range<Int>
    }

    /// More descriptors than a host of a million connections has. Processes can share a table of descriptors,
    /// and each has it in its own name: who makes many of them makes no endless list of them.
    static let recordsMax = 1 << 22

    private(set) var sockets: [HeldSocket] = []
    private(set) var runs: [Run] = []
    /// The descriptors that can be io_uring instances.
    private(set) var anonymous: [HeldDescriptor] = []

    struct HeldDescriptor {
        var process: ProcessID
        var descriptor: UInt32
    }

    /// Reads to the end.
    ///
    /// - Parameters:
    ///   - iterator: Iterates over the descriptors of all processes.
    ///   - deadline: When to give up; nil is never.
    init(
        _ iterator: any DescriptorIterating, until deadline: MonotonicTime?,
        recordsMax: Int = recordsMax
    ) throws(HolderSweepError) {
        let iteration = try Self.failing { () throws(Errno) in try iterator.start() }
        while true {
            let chunk = try Self.failing { () throws(Errno) in try iteration.next() }
            if chunk.isEmpty { return }
            guard chunk.count % HolderRecord.byteCount == 0 else { throw .malformed }
            if let deadline, deadline <= .now { throw .tooSlow }
            for start in stride(from: 0, to: chunk.count, by: HolderRecord.byteCount) {
                append(HolderRecord(chunk, at: start))
            }
            guard sockets.count + anonymous.count <= recordsMax else { throw .tooMany }
        }
    }

    private static func failing<Result>(
        _ body: () throws(Errno) -> Result
    ) throws(HolderSweepError) -> Result {
        do throws(Errno) { return try body() } catch { throw .failed(error) }
    }

    private mutating func append(_ record: HolderRecord) {
        guard let number = Int32(exactly: record.process) else { return }
        let process = ProcessID(rawValue: number)
        guard record.inode != 0 else {
            anonymous.append(HeldDescriptor(process: process, descriptor: record.descriptor))
            return
        }
        // Inodes of sockets have 32 bits, in the table as well.
        guard let inode = UInt32(exactly: record.inode) else { return }
        sockets.append(
            HeldSocket(inode: SocketInode(rawValue: inode), descriptor: record.descriptor))
        if runs.last?.process == process {
            runs[runs.count - 1].sockets = runs[runs.count - 1].sockets.lowerBound..<sockets.count
        } else {
            runs.append(Run(process: process, sockets: sockets.count - 1..<sockets.count))
        }
    }
}

/// Why an iteration told nothing.
enum HolderSweepError: Error, Equatable, CustomStringConvertible {
    case failed(Errno)
    case malformed
    case tooSlow
    case tooMany

    var description: String {
        switch self {
        case .failed(let errno): "the BPF iterator over descriptors failed: \(errno)"
        case .malformed: "the BPF iterator over descriptors told something else than was asked"
        case .tooSlow: "the BPF iterator over descriptors takes too long"
        case .tooMany: "there are more than \(HolderSweep.recordsMax) descriptors of sockets"
        }
    }
}

extension HolderRecord {
    /// - Parameter start: Sixteen bytes are there.
    init(_ bytes: [UInt8], at start: Int) {
        self = unsafe bytes.withUnsafeBytes { bytes in
            unsafe HolderRecord(
                inode: bytes.loadUnaligned(
                    fromByteOffset: start + Int(Self.inode), as: UInt64.self),
                process: bytes.loadUnaligned(
                    fromByteOffset: start + Int(Self.process), as: UInt32.self),
                descriptor: bytes.loadUnaligned(
                    fromByteOffset: start + Int(Self.descriptor), as: UInt32.self))
        }
    }
}
