import Glibc

/// The descriptors 0, 1 and 2.
package enum StandardDescriptors {
    /// Opens those that the process was started without. Otherwise the next sockets would get these numbers,
    /// and log lines would be sent to their peers.
    ///
    /// To be called before anything else is opened. Reading and writing fail as if they were closed: each is
    /// opened in the wrong direction.
    package static func reserve() {
        for (number, flags) in [
            (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
        ]
        where fcntl(number, F_GETFD) < 0 {
            // The lowest free number, which is this one.
            _ = unsafe open("/dev/null", flags)
        }
    }
}
