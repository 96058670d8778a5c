import Glibc

/// A lock on the directory of a socket file, which keeps those who take it from clearing up after each
/// other at the same time. It leaves no file behind, and the kernel frees it with the process.
struct DirectoryLock {
    private let descriptor: CInt

    /// Waits for the lock: for a second, which is a hundred times what anybody needs it for. Nil when it
    /// cannot be had, because somebody keeps it or the directory may not be read; that must not keep a
    /// server from starting, for the lock prevents no more than a rare accident.
    init?(of path: UnixSocketPath) {
        let descriptor = unsafe open(path.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard Self.lock(descriptor) else {
            _ = close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    /// Frees the lock; to be called once.
    func unlock() {
        _ = close(descriptor)
    }

    /// The corresponding C function is `flock`.
    private static func lock(_ descriptor: CInt) -> Bool {
        let stepMicroseconds: UInt32 = 10_000
        let stepsMax = 100
        for _ in 0..<stepsMax {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK || errno == EINTR else { return false }
            usleep(stepMicroseconds)
        }
        return false
    }
}

extension UnixSocketPath {
    /// Where its file is.
    fileprivate var directory: String {
        guard let slash = text.lastIndex(of: "/") else { return "." }
        return slash == text.startIndex ? "/" : String(text[..<slash])
    }
}
