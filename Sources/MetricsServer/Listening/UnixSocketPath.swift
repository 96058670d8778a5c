import Glibc
import Linux

/// The path of a socket file.
struct UnixSocketPath: Sendable, Hashable {
    /// Owner and group may scrape.
    static let defaultMode: UInt16 = 0o660

    let text: String

    /// Nil when the kernel's structure has no room for it.
    init?(_ text: String) {
        guard text.utf8.count <= SocketAddress.unixPathByteCountMax else { return nil }
        self.text = text
    }

    /// As the kernel spells it.
    init(bound text: String) {
        self.text = text
    }

    /// Which file is there, if it is a socket.
    var socketFile: UnixSocketFile.Identity? {
        var status = stat()
        guard unsafe lstat(text, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return nil
        }
        return UnixSocketFile.Identity(device: status.st_dev, inode: status.st_ino)
    }

    /// Removes the file, unless another one has taken its place.
    func remove(_ file: UnixSocketFile.Identity) {
        if socketFile == file { _ = unsafe unlink(text) }
    }
}

/// A socket file that this process has made; removed when its owner is gone.
struct UnixSocketFile: ~Copyable, Sendable {
    /// What tells one file from another.
    struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t
    }

    private let path: UnixSocketPath
    private let identity: Identity

    /// Owns the file at the path, which is to be a socket.
    init?(_ path: UnixSocketPath) {
        guard let identity = path.socketFile else { return nil }
        self.path = path
        self.identity = identity
    }

    deinit { path.remove(identity) }
}
