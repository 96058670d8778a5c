package import SystemPackage

/// A file that could not be read: what was tried, on which file, and the cause.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    package var operation: Operation
    package var path: String
    package var cause: Cause

    package enum Operation: String, Sendable {
        case open
        case read
        case list
        case understand
        case enter
    }

    package enum Cause: Equatable, Sendable {
        case errno(Errno)
        /// The contents are not what the kernel documents; the text says what is missing.
        case contents(String)
    }

    package init(_ operation: Operation, _ path: String, _ errno: Errno) {
        self.init(operation, path, .errno(errno))
    }

    package init(_ operation: Operation, _ path: String, _ cause: Cause) {
        self.operation = operation
        self.path = path
        self.cause = cause
    }

    package var description: String {
        switch cause {
        case .errno(let errno): "cannot \(operation) \(path): \(errno)"
        case .contents(let text): "cannot \(operation) \(path): \(text)"
        }
    }

    /// Whether a right is missing, as opposed to the file.
    package var isDenied: Bool {
        cause == .errno(.permissionDenied) || cause == .errno(.notPermitted)
    }

    /// Whether the file, or the process it belonged to, is gone: `ENOENT`, `ESRCH`.
    package var isGone: Bool {
        cause == .errno(.noSuchFileOrDirectory) || cause == .errno(.noSuchProcess)
    }

    /// Whether a path is longer than the kernel tells or takes.
    package var isPathTooLong: Bool { cause == .errno(.fileNameTooLong) }
}
