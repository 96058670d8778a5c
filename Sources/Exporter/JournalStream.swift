import Glibc
import Logging

/// The journal of systemd, when it reads standard error (man 5 systemd.exec, `JOURNAL_STREAM`).
package enum JournalStream {
    /// Whether it does. The variable names device and inode, since a child may inherit it and have another
    /// standard error.
    package static let isStandardError: Bool = {
        guard let value = unsafe getenv("JOURNAL_STREAM") else { return false }
        return isDescriptor(STDERR_FILENO, unsafe String(cString: value))
    }()

    static func isDescriptor(_ descriptor: CInt, _ variable: String) -> Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0
            && variable == "\(status.st_dev):\(status.st_ino)"
    }

    /// The priority of a line (man 3 sd-daemon).
    static func prefix(of level: Logger.Level) -> String {
        switch level {
        case .critical: "<2>"
        case .error: "<3>"
        case .warning: "<4>"
        case .notice: "<5>"
        case .info: "<6>"
        case .debug, .trace: "<7>"
        }
    }
}
