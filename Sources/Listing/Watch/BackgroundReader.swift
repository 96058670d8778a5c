import CLinux
import Glibc
import Linux
import Synchronization
import SystemPackage

/// Reads listings on a thread of its own, one at a time, so that keys are answered meanwhile.
///
/// Sendable, as one thread at a time uses the reader and the result: that of the reading from `begin` until
/// `isDone`, and the caller's otherwise.
final class BackgroundReader: @unchecked Sendable {
    private var reader: ListingReader
    private var result: Result<ListingResult, ListingError>?
    private let isDone = Mutex(false)
    private let event: Descriptor

    /// Readable once the listing is read.
    var descriptor: Int32 { event.rawValue }

    init(_ reader: ListingReader) throws(Errno) {
        self.reader = reader
        event = Descriptor(owning: try systemCall { clinux_open_event() })
    }

    /// Begins to read. The next call comes after `take` has returned a listing.
    func begin() {
        Thread.detach { self.read() }
    }

    /// The listing that was read; nil while it is being read.
    func take() throws(ListingError) -> ListingResult? {
        let isRead = isDone.withLock { isDone in
            defer { isDone = false }
            return isDone
        }
        guard isRead else { return nil }
        _ = try? event.read(byteCountMax: MemoryLayout<UInt64>.size)
        defer { result = nil }
        return try result?.get()
    }

    private func read() {
        result = Result { () throws(ListingError) in try reader.read() }
        isDone.withLock { $0 = true }
        var one: UInt64 = 1
        _ = unsafe Glibc.write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
