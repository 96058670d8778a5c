import Glibc
import Linux
package import SystemPackage

/// Bytes on their way to a descriptor, in large pieces.
package struct Output: ~Copyable {
    /// So much is worth a system call.
    private static let chunkByteCount = 65_536

    package var bytes: [UInt8] = []
    private let descriptor: FileDescriptor

    package init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
        bytes.reserveCapacity(Self.chunkByteCount + 4096)
    }

    /// Writes what has come together, if it is much.
    mutating func flushIfLarge() throws(ListingFailure) {
        if bytes.count >= Self.chunkByteCount { try flush() }
    }

    /// Writes all, in one call if the descriptor takes it.
    package mutating func flush() throws(ListingFailure) {
        defer { bytes.removeAll(keepingCapacity: true) }
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                unsafe Glibc.write(
                    descriptor.rawValue, all.baseAddress?.advanced(by: start), all.count - start)
            }
            if count >= 0 { start += count } else { try wait(after: Errno(rawValue: errno)) }
        }
    }

    /// Waits until the descriptor takes more; throws when it never will.
    private func wait(after errno: Errno) throws(ListingFailure) {
        switch errno {
        case .interrupted: return
        case .wouldBlock:
            var watched = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
            _ = unsafe poll(&watched, 1, -1)
        case .brokenPipe: throw .closed
        default: throw .output(errno)
        }
    }
}

extension Output {
    /// Writes a listing whole.
    mutating func write(
        _ reading: Reading, isJSON: Bool, time: WallTime?, _ style: TextStyle
    ) throws(ListingFailure) {
        if isJSON {
            try writeJSON(reading.content, time)
        } else {
            try writeSheet(reading.content, style)
        }
        try flush()
    }

    private mutating func writeJSON(
        _ content: some Content, _ time: WallTime?
    ) throws(ListingFailure) {
        for row in 0..<content.rowCount {
            content.writeJSON(row: row, time, to: &bytes)
            try flushIfLarge()
        }
    }

    private mutating func writeSheet(
        _ content: some Content, _ style: TextStyle
    ) throws(ListingFailure) {
        let rows = 0..<content.rowCount
        var layout = SheetLayout(content, rows: rows, style)
        layout.writeHeader(to: &bytes)
        for row in rows {
            layout.write(row: row, to: &bytes)
            try flushIfLarge()
        }
    }
}
