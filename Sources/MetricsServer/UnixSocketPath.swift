import Glibc

/// The path of a socket file.
struct UnixSocketPath: Sendable, Hashable {
    /// Owner and group may scrape.
    static let defaultMode: UInt16 = 0o660
    /// Where `sun_path` begins in `struct sockaddr_un`.
    static let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
    /// `sun_path` without its NUL.
    static let byteCountMax = MemoryLayout<sockaddr_un>.size - offset - 1

    let text: String

    /// Nil when the kernel's structure has no room for it.
    init?(_ text: String) {
        guard text.utf8.count <= Self.byteCountMax else { return nil }
        self.text = text
    }

    /// As the kernel told it.
    init(bound text: String) {
        self.text = text
    }
}

/// A socket file that this process has made, and takes away again if it is still the same.
struct UnixSocketFile: Sendable {
    private let path: UnixSocketPath
    private let device: dev_t
    private let inode: ino_t

    /// The file at the path, which is to be a socket.
    init?(_ path: UnixSocketPath) {
        var status = stat()
        guard unsafe lstat(path.text, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return nil
        }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Removes the file, unless another one has taken its place.
    func remove() {
        guard let current = UnixSocketFile(path), current.device == device, current.inode == inode
        else { return }
        _ = unsafe unlink(path.text)
    }
}
