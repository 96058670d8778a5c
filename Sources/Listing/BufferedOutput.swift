import Glibc
import Linux
package import SystemPackage

/// Output to a descriptor, written in large chunks.
package struct BufferedOutput: ~Copyable {
    /// From this size on, the buffer is written.
    private static let chunkByteCount = 65_536

    package var bytes: [UInt8] = []
    private let descriptor: FileDescriptor

    package init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
        bytes.reserveCapacity(Self.chunkByteCount + 4096)
    }

    /// Writes the buffer if it is large.
    mutating func flushIfLarge() throws(ListingError) {
        if bytes.count >= Self.chunkByteCount { try flush() }
    }

    /// Writes the whole buffer, with one call if the descriptor accepts that.
    package mutating func flush() throws(ListingError) {
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

    /// Waits until the descriptor accepts more; throws if it never will.
    private func wait(after errno: Errno) throws(ListingError) {
        switch errno {
        case .interrupted: return
        case .wouldBlock:
            var watched = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
            _ = unsafe poll(&watched, 1, -1)
        case .brokenPipe: throw .outputClosed
        default: throw .output(errno)
        }
    }
}

extension BufferedOutput {
    /// Writes a whole listing.
    mutating func write(
        _ listing: ListingResult, isJSON: Bool, time: WallTime?, _ style: TextStyle
    ) throws(ListingError) {
        if isJSON {
            try writeJSON(listing.content, listing.order, time)
        } else {
            try writeText(listing.content, listing.order, style)
        }
        try flush()
    }

    private mutating func writeJSON(
        _ content: some ListingContent, _ order: [Int]?, _ time: WallTime?
    ) throws(ListingError) {
        for index in 0..<content.rowCount {
            let row = order?[index] ?? index
            content.writeJSON(row: row, time, to: &bytes)
            try flushIfLarge()
        }
    }

    private mutating func writeText(
        _ content: some ListingContent, _ order: [Int]?, _ style: TextStyle
    ) throws(ListingError) {
        let rows = 0..<content.rowCount
        var layout = ColumnLayout(content, rows: rows, style)
        if style.hasHeader { layout.writeHeader(to: &bytes) }
        for index in rows {
            layout.write(row: order?[index] ?? index, to: &bytes)
            try flushIfLarge()
        }
    }
}
