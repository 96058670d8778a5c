import Glibc
import Linux
import SystemPackage

/// A directory of which only what belongs to its owner is believed.
///
/// Nothing below it is reached by a symbolic link, and only regular files are read: a pipe or a device
/// that somebody planted is not even opened for reading.
struct TrustedDirectory: ~Copyable {
    private let descriptor: Descriptor
    private let owner: uid_t

    private static let directoryFlags = O_RDONLY | O_DIRECTORY | O_NONBLOCK

    /// Opens a directory that the administrator named; links in its path are the administrator's.
    init(_ path: String) throws(LookupFailure) {
        let descriptor = try Self.open(path)
        let owner = try Self.status(of: descriptor).st_uid
        self.init(descriptor, owner: owner)
    }

    private init(_ descriptor: consuming Descriptor, owner: uid_t) {
        self.descriptor = descriptor
        self.owner = owner
    }

    /// A directory in it.
    func directory(_ name: [UInt8]) throws(LookupFailure) -> TrustedDirectory {
        let found = try open(name, Self.directoryFlags)
        try check(try Self.status(of: found), S_IFDIR)
        return TrustedDirectory(found, owner: owner)
    }

    /// The contents of a file in it.
    func contents(of name: [UInt8], byteCountMax: Int) throws(LookupFailure) -> [UInt8] {
        // Looked at before it is opened for reading, which could wait for a pipe's other end.
        try check(try status(of: name), S_IFREG)
        let file = try open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        try check(try Self.status(of: file), S_IFREG)
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try file.readToEnd(byteCountMax: byteCountMax + 1, chunkByteCount: 65_536)
        } catch {
            throw LookupFailure(error)
        }
        guard bytes.count <= byteCountMax else { throw .limited }
        return bytes
    }

    /// The names in it, as many as `countMax`.
    func names(countMax: Int) throws(LookupFailure) -> [[UInt8]] {
        let listed = try open(Array(".".utf8), Self.directoryFlags)
        let number = listed.rawValue
        // The stream closes the descriptor.
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0, let stream = unsafe fdopendir(copy) else {
            throw LookupFailure(Errno(rawValue: errno))
        }
        defer { unsafe closedir(stream) }
        var names: [[UInt8]] = []
        while names.count < countMax, let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe Array(bytes.prefix { $0 != 0 })
            }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names
    }

    private static func open(_ path: String) throws(LookupFailure) -> Descriptor {
        do throws(Errno) {
            return try Descriptor(opening: path, directoryFlags)
        } catch {
            throw LookupFailure(error)
        }
    }

    private func open(_ name: [UInt8], _ flags: CInt) throws(LookupFailure) -> Descriptor {
        let (path, number) = (Self.path(name), descriptor.rawValue)
        do throws(Errno) {
            return Descriptor(
                owning: try systemCall {
                    unsafe openat(number, path, flags | O_NOFOLLOW | O_CLOEXEC)
                })
        } catch {
            throw LookupFailure(error)
        }
    }

    private func status(of name: [UInt8]) throws(LookupFailure) -> stat {
        let (path, number) = (Self.path(name), descriptor.rawValue)
        var status = stat()
        do throws(Errno) {
            _ = try systemCall { unsafe fstatat(number, path, &status, AT_SYMLINK_NOFOLLOW) }
        } catch {
            throw LookupFailure(error)
        }
        return status
    }

    private static func status(
        of file: borrowing Descriptor
    ) throws(LookupFailure) -> stat {
        do throws(Errno) { return try file.status() } catch { throw LookupFailure(error) }
    }

    private func check(_ status: stat, _ type: mode_t) throws(LookupFailure) {
        guard status.st_mode & S_IFMT == type, status.st_uid == owner else { throw .invalid }
    }

    /// One component, with a zero at its end.
    private static func path(_ name: [UInt8]) -> [CChar] {
        precondition(!name.contains(0) && !name.contains(UInt8(ascii: "/")), "one component")
        return name.map(CChar.init(bitPattern:)) + [0]
    }
}

/// Why a name was not found.
enum LookupFailure: Error, Equatable {
    case denied
    case notFound
    case invalid
    case limited

    init(_ errno: Errno) {
        switch errno {
        case .noSuchFileOrDirectory, .noSuchProcess: self = .notFound
        case .permissionDenied, .notPermitted: self = .denied
        // A link, or no directory, where a runtime makes none.
        case .tooManySymbolicLinkLevels, .notDirectory, .fileNameTooLong: self = .invalid
        default: self = .limited
        }
    }
}
