import Linux
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
    ///   - counts: How many descriptors there are, as far as is known: memory grows by doubling else.
    ///   - timeMax: How long it may take; nil is as long as it takes.
    init(
        _ iterator: any DescriptorIterating, expecting counts: [ProcessID: Int64],
        timeMax: Duration?, recordsMax: Int = recordsMax
    ) throws(IterationError) {
        let count = Int(clamping: counts.values.reduce(0, &+))
        sockets.reserveCapacity(min(max(0, count), recordsMax))
        let deadline = timeMax.map { MonotonicTime.now + $0 }
        try iterator.readAll(HolderRecord.byteCount, until: deadline) {
            chunk, start throws(IterationError) in
            append(HolderRecord(chunk, at: start))
            guard sockets.count + anonymous.count <= recordsMax else { throw .tooMany(recordsMax) }
        }
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

/// An iteration on a thread of its own, beside something else.
final class SweepAhead: Sendable {
    /// Of just before it: how many descriptors each process had, and the time.
    let counts: [ProcessID: Int64]
    let startTimeTicks: UInt64
    private let result = ConditionLock<Result<HolderSweep, IterationError>?>(nil)

    /// Begins it.
    ///
    /// - Parameter timeMax: How long it may take; nil is as long as it takes.
    init(
        _ iterator: any DescriptorIterating, _ counts: [ProcessID: Int64], startTimeTicks: UInt64,
        timeMax: Duration?
    ) {
        self.counts = counts
        self.startTimeTicks = startTimeTicks
        Thread.detach { [result] in
            let outcome = Result { () throws(IterationError) in
                try HolderSweep(iterator, expecting: counts, timeMax: timeMax)
            }
            result.update { $0 = outcome }
        }
    }

    /// Waits for its end.
    func sweep() throws(IterationError) -> HolderSweep {
        guard let outcome = result.wait({ $0 }) else { throw .tooSlow }
        return try outcome.get()
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
