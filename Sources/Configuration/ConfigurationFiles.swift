import Glibc
import Linux
import SystemPackage

/// How configuration files are identified and read; tests replace it.
package struct ConfigurationFiles: Sendable {
    /// Bytes of the largest file that is read: configurations and certificates have a few thousand.
    package static let byteCountMax = 1 << 20

    /// Identifies one state of a file; nil where there is no file.
    package var identify: @Sendable (_ path: String) -> FileIdentity?
    /// The contents; the error is a sentence's end.
    package var read: @Sendable (_ path: String) throws(FileRefusal) -> [UInt8]

    package init(
        identify: @escaping @Sendable (_ path: String) -> FileIdentity?,
        read: @escaping @Sendable (_ path: String) throws(FileRefusal) -> [UInt8]
    ) {
        self.identify = identify
        self.read = read
    }

    /// The files of this host.
    package static let real = ConfigurationFiles(
        identify: { FileIdentity(of: $0) },
        read: { path throws(FileRefusal) in try readRegularFile(path) })
}

/// Why a file was not read.
package struct FileRefusal: Error, Equatable {
    package let explanation: String

    package init(_ explanation: String) {
        self.explanation = explanation
    }
}

/// One state of a file (man 3 stat): writing to the file changes it, and so does another file at the path.
package struct FileIdentity: Sendable, Equatable {
    private let device: UInt
    private let inode: UInt
    private let byteCount: Int
    private let modified: [Int]

    /// Follows symbolic links, by which configurations are often put into place.
    fileprivate init?(of path: String) {
        var status = Glibc.stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(
            device: status.st_dev, inode: status.st_ino, byteCount: Int(status.st_size),
            modified: [
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
                status.st_ctim.tv_nsec,
            ])
    }

    /// - Parameter modified: Seconds and nanoseconds of the last change.
    package init(device: UInt = 0, inode: UInt, byteCount: Int, modified: [Int]) {
        self.device = device
        self.inode = inode
        self.byteCount = byteCount
        self.modified = modified
    }
}

/// Reads a regular file whole; reading anything else, such as a pipe, could block forever.
private func readRegularFile(_ path: String) throws(FileRefusal) -> [UInt8] {
    let byteCountMax = ConfigurationFiles.byteCountMax
    let bytes: [UInt8]?
    do throws(Errno) {
        let file = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
        let isRegular = try file.status().st_mode & S_IFMT == S_IFREG
        // One byte more than is allowed, to know that there is one.
        bytes = isRegular ? try file.readToEnd(byteCountMax: byteCountMax + 1) : nil
    } catch {
        throw FileRefusal("\(error)\(protectionHint(path, error))")
    }
    guard let bytes else { throw FileRefusal("it is no regular file") }
    guard bytes.count <= byteCountMax else {
        throw FileRefusal("it has more than \(byteCountMax) bytes")
    }
    return bytes
}

/// The usual cause, where a file that is there cannot be found (man 5 systemd.exec).
private func protectionHint(_ path: String, _ cause: Errno) -> String {
    let isHome = ["/home/", "/root/", "/run/user/"].contains { path.hasPrefix($0) }
    let isHidden = isHome && [.noSuchFileOrDirectory, .permissionDenied].contains(cause)
    return isHidden ? " (services with ProtectHome= cannot read it)" : ""
}
