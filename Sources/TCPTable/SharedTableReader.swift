import CLinux
import TCPModel

/// The process's own readers: what one caller has found out serves the next.
///
/// A forked child goes on with its parent's, but for one that another thread was using: it makes that
/// anew. The old one is leaked, as it may be half changed.
final class SharedTableReader {
    private var reader: TableReader

    private init(_ family: AddressFamily?) {
        reader = TableReader(LinuxHost(), family: family)
    }

    /// Reads the table once. Every scope has a reader: one forgets the sockets that its last table had
    /// not.
    static func read(
        _ family: AddressFamily?, includingOwners: Bool
    ) throws(TCPTableError) -> TCPTable {
        let index: UInt32 =
            switch family {
            case nil: 0
            case .ipv4: 1
            case .ipv6: 2
            }
        let place = unsafe clinux_lock_process_state(index)
        defer { clinux_unlock_process_state(index) }
        let shared = unsafe current(at: place, family)
        return try includingOwners ? shared.reader.read() : shared.reader.readWithoutOwners()
    }

    private static func current(
        at place: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ family: AddressFamily?
    ) -> SharedTableReader {
        if let kept = unsafe place?.pointee {
            return unsafe Unmanaged.fromOpaque(kept).takeUnretainedValue()
        }
        let shared = SharedTableReader(family)
        unsafe place?.pointee = Unmanaged.passRetained(shared).toOpaque()
        return shared
    }
}
