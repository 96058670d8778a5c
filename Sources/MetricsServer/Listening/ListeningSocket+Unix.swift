import Glibc
import Linux
import SystemPackage

// Socket files (`man 7 unix`).
extension ListeningSocket {
    /// Makes a socket file. A stale one, which a killed server has left, is replaced; anything else at
    /// the path is an error.
    ///
    /// Between the look at a file and its removal another server may have replaced it: of two that start
    /// in the same microseconds, one may be left without a file. Only a lock would prevent that.
    static func open(_ path: UnixSocketPath, mode: UInt16) throws(Errno) -> ListeningSocket {
        guard let address = SocketAddress(unixPath: path.text) else { throw .fileNameTooLong }
        try removeStaleFile(path, address)
        let descriptor = try Descriptor(streamSocket: AF_UNIX)
        // Before there is a file, so that nobody comes in before the bits hold.
        try descriptor.setMode(mode)
        try descriptor.bind(to: address)
        let file = UnixSocketFile(path)
        // At once: until it listens, its file looks stale to another server.
        try descriptor.listen()
        try undoMask(path, mode)
        return ListeningSocket(descriptor, file: file)
    }

    /// Removes a socket file at which nobody listens; throws if anything else is at the path.
    private static func removeStaleFile(
        _ path: UnixSocketPath, _ address: SocketAddress
    ) throws(Errno) {
        var status = stat()
        guard unsafe lstat(path.text, &status) == 0 else { return }
        guard let file = path.socketFile else { throw .fileExists }
        do throws(Errno) {
            try Descriptor(streamSocket: AF_UNIX).connect(to: address)
        } catch .connectionRefused {
            return path.remove(file)
        } catch {}
        throw .addressInUse
    }

    /// Gives back the bits that the process's umask took. A link that has taken the file's place is not
    /// followed.
    private static func undoMask(_ path: UnixSocketPath, _ mode: UInt16) throws(Errno) {
        _ = try systemCall {
            unsafe fchmodat(AT_FDCWD, path.text, mode_t(mode), AT_SYMLINK_NOFOLLOW)
        }
    }
}

extension Descriptor {
    /// Sets the permission bits that a socket's file will have, less the umask's. The corresponding C
    /// function is `fchmod`, which Linux allows on a socket before it has a file.
    fileprivate borrowing func setMode(_ mode: UInt16) throws(Errno) {
        let number = rawValue
        _ = try systemCall { fchmod(number, mode_t(mode)) }
    }
}
