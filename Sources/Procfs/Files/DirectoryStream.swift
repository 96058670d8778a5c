import CLinux
import Glibc
import Linux
import SystemPackage
import TCPModel

/// The entries of an open directory, one at a time, `.` and `..` left out.
final class DirectoryStream {
    /// Some 1,300 entries of /proc/PID/fd a system call.
    private static let bufferByteCount = 32 * 1024

    private let path: String
    private let directory: Descriptor
    private var buffer = [UInt8](repeating: 0, count: bufferByteCount)
    private var filled = 0
    private var offset = 0

    /// Opens a directory.
    ///
    /// - Parameter position: What comes before it is left out; its meaning is the file system's.
    convenience init(_ path: String, from position: Int = 0) throws(FileError) {
        let directory = try openFile(path, O_DIRECTORY)
        if position > 0 {
            let number = directory.rawValue
            do throws(Errno) {
                _ = try systemCall { lseek(number, position, SEEK_SET) }
            } catch {
                throw FileError(.list, path, error)
            }
        }
        self.init(directory, path)
    }

    /// - Parameter path: The directory's path, for messages.
    init(_ directory: consuming Descriptor, _ path: String) {
        self.path = path
        self.directory = directory
    }

    /// The next entry; nil at the end.
    func next() throws(FileError) -> DirectoryEntry? {
        while true {
            if offset == filled {
                guard try fill() else { return nil }
            }
            guard let entry = unsafe DirectoryEntry(in: buffer.span.bytes, at: offset, end: filled)
            else {
                throw FileError(.understand, path, .contents("a directory entry is cut short"))
            }
            offset = entry.end
            if !entry.isDots { return entry }
        }
    }

    /// The name of the last entry.
    func name(of entry: DirectoryEntry) -> [UInt8] { Array(buffer[entry.nameRange]) }

    /// The number that the name of the last entry writes in decimal digits; nil when it is no number.
    func number(of entry: DirectoryEntry) -> UInt64? { UInt64(decimal: buffer[entry.nameRange]) }

    private func fill() throws(FileError) -> Bool {
        let number = directory.rawValue
        do throws(Errno) {
            filled = try systemCall {
                unsafe clinux_getdents64(number, &buffer, Self.bufferByteCount)
            }
        } catch {
            throw FileError(.list, path, error)
        }
        offset = 0
        return filled > 0
    }
}

/// One entry, as `getdents64(2)` writes it.
struct DirectoryEntry {
    let inode: UInt64
    let isDirectory: Bool
    /// Where the name is in the buffer, its terminating zero left out.
    fileprivate let nameRange: Range<Int>
    fileprivate let isDots: Bool
    /// Where the next entry begins.
    fileprivate let end: Int

    /// Nil when the entry is cut short.
    fileprivate init?(in bytes: RawSpan, at offset: Int, end bytesEnd: Int) {
        let nameOffset = offset + Int(DIRENT64_NAME)
        guard nameOffset < bytesEnd else { return nil }
        unsafe inode = bytes.unsafeLoadUnaligned(
            fromByteOffset: offset + Int(DIRENT64_INO), as: UInt64.self)
        let length = unsafe bytes.unsafeLoadUnaligned(
            fromByteOffset: offset + Int(DIRENT64_RECLEN), as: UInt16.self)
        isDirectory = bytes.byte(at: offset + Int(DIRENT64_TYPE)) == UInt8(DT_DIR)
        end = offset + Int(length)
        guard end <= bytesEnd, nameOffset < end else { return nil }
        var nameEnd = nameOffset
        while bytes.byte(at: nameEnd) != 0 {
            nameEnd += 1
            guard nameEnd < end else { return nil }
        }
        let name = nameOffset..<nameEnd
        nameRange = name
        isDots = name.count <= 2 && name.allSatisfy { bytes.byte(at: $0) == 0x2E }
    }
}

extension RawSpan {
    /// The byte at `offset`; out of bounds is a mistake of ours and traps.
    func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
