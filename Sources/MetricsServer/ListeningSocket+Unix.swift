import Glibc
import SystemPackage

// Socket files (`man 7 unix`).
extension ListeningSocket {
    /// Makes a socket file. One that a dead server has left behind is replaced; what else is there
    /// already is an error.
    static func open(
        _ address: ListenAddress, _ path: UnixSocketPath, mode: UInt16
    ) throws(MetricsServerError) -> ListeningSocket {
        // A file of another exporter that is bound and does not listen yet looks deserted, and one that
        // was may have been replaced by the time it is removed. So exporters take turns, from the look
        // at what is there to the listening.
        let turn = DirectoryLock(of: path)
        defer { turn?.unlock() }
        do throws(Errno) {
            try clear(path)
            return try make(path, mode: mode)
        } catch {
            throw .cannotListen(address, error)
        }
    }

    private static func make(
        _ path: UnixSocketPath, mode: UInt16
    ) throws(Errno) -> ListeningSocket {
        // The bits are set before there is a file, so that nobody comes in before they hold.
        var opened = try ListeningSocket(family: AF_UNIX)
        try opened.setMode(mode)
        try opened.bind(to: SocketAddress(path))
        opened.file = UnixSocketFile(path)
        try undoMask(path, mode)
        try opened.listen()
        return opened
    }

    /// Removes what a dead server has left behind, and throws if anything else is there.
    private static func clear(_ path: UnixSocketPath) throws(Errno) {
        var status = stat()
        guard unsafe lstat(path.text, &status) == 0 else { return }
        guard let file = UnixSocketFile(path) else { throw .fileExists }
        guard try isDeserted(path) else { throw .addressInUse }
        file.remove()
    }

    /// Whether nobody listens at the socket file: the kernel refuses then.
    private static func isDeserted(_ path: UnixSocketPath) throws(Errno) -> Bool {
        let client = try ListeningSocket(family: AF_UNIX)
        do throws(Errno) {
            try client.connect(to: SocketAddress(path))
            return false
        } catch {
            return error == .connectionRefused
        }
    }

    /// Gives back the bits that the process's umask took. A link that took the file's place meanwhile is
    /// not followed.
    private static func undoMask(_ path: UnixSocketPath, _ mode: UInt16) throws(Errno) {
        guard unsafe fchmodat(AT_FDCWD, path.text, mode_t(mode), AT_SYMLINK_NOFOLLOW) == 0 else {
            throw Errno(rawValue: errno)
        }
    }
}
