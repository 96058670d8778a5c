import CLinux
import Glibc
package import SystemPackage

/// Lists directories through one buffer, which is used again and again: a scan of /proc opens one
/// directory a process.
package final class DirectoryListing {
    /// Some 1,300 entries of /proc/PID/fd a system call.
    private static let bufferByteCount = 32 * 1024

    private var buffer = [UInt8](repeating: 0, count: bufferByteCount)

    package init() {}

    /// Opens a directory and gives each of its entries, `.` and `..` left out, to `body`.
    package func forEachEntry(
        in path: FilePath, _ body: (_ entry: DirectoryEntry, _ name: RawSpan) -> Void
    ) throws(FileError) {
        let directory = try openFile(path, .directory)
        defer { try? directory.close() }
        try forEachEntry(in: directory, path.string, body)
    }

    /// Gives each entry of an open directory, `.` and `..` left out.
    func forEachEntry(
        in directory: FileDescriptor, _ path: String,
        _ body: (_ entry: DirectoryEntry, _ name: RawSpan) -> Void
    ) throws(FileError) {
        while true {
            let byteCount = retryingOnInterrupt {
                unsafe clinux_getdents64(directory.rawValue, &buffer, Self.bufferByteCount)
            }
            guard byteCount >= 0 else {
                throw FileError(.list, path, Errno(rawValue: errno))
            }
            guard byteCount > 0 else { return }
            try forEachRecord(byteCount, path, body)
        }
    }

    private func forEachRecord(
        _ byteCount: Int, _ path: String, _ body: (DirectoryEntry, RawSpan) -> Void
    ) throws(FileError) {
        let filled = buffer
        let bytes = unsafe filled.span.bytes.extracting(0..<byteCount)
        var offset = 0
        while offset < byteCount {
            guard let entry = DirectoryEntry(in: bytes, at: offset) else {
                throw FileError(
                    .understand, path, .contents("a directory entry is cut short"))
            }
            if !entry.isDots(in: bytes) { body(entry, bytes.extracting(entry.name)) }
            offset = entry.end
        }
    }
}

/// One entry, as `getdents64(2)` writes it.
package struct DirectoryEntry {
    package let inode: UInt64
    package let isDirectory: Bool
    /// Where the name lies, its terminating zero left out.
    fileprivate let name: Range<Int>
    fileprivate let end: Int

    fileprivate init?(in bytes: RawSpan, at offset: Int) {
        let nameOffset = offset + Int(DIRENT64_NAME)
        guard nameOffset < bytes.byteCount else { return nil }
        unsafe inode = bytes.unsafeLoadUnaligned(
            fromByteOffset: offset + Int(DIRENT64_INO), as: UInt64.self)
        let length = unsafe bytes.unsafeLoadUnaligned(
            fromByteOffset: offset + Int(DIRENT64_RECLEN), as: UInt16.self)
        let type = unsafe bytes.unsafeLoad(
            fromByteOffset: offset + Int(DIRENT64_TYPE), as: UInt8.self)
        isDirectory = type == UInt8(DT_DIR)
        end = offset + Int(length)
        guard end <= bytes.byteCount, nameOffset < end else { return nil }
        var nameEnd = nameOffset
        while bytes.byte(at: nameEnd) != 0 {
            nameEnd += 1
            guard nameEnd < end else { return nil }
        }
        name = nameOffset..<nameEnd
    }

    fileprivate func isDots(in bytes: RawSpan) -> Bool {
        name.count <= 2 && name.allSatisfy { bytes.byte(at: $0) == 0x2E }
    }
}

extension RawSpan {
    /// The byte at `offset`; out of bounds is our own mistake and traps.
    package func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The number that the bytes write in ASCII digits; nil when they are anything else.
    package var decimal: UInt64? {
        unsafe withUnsafeBytes { unsafe UInt64(decimal: $0) }
    }

    /// A copy of the bytes.
    package var array: [UInt8] {
        unsafe withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
