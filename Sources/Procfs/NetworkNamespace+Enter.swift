import CLinux
import Glibc
import SystemPackage
package import TCPModel

extension ProcFS {
    /// Runs a closure inside the namespace, on a thread that enters it and ends with the closure: no
    /// other thread is moved. The caller waits. The namespace is held open for no longer than that,
    /// because an open file, or a socket, keeps a namespace alive that nobody else needs.
    ///
    /// - Throws: When the namespace is gone, or may not be entered: that takes `CAP_SYS_ADMIN`.
    package func enter(
        _ namespace: NetworkNamespace, _ body: () -> Void
    ) throws(FileError) {
        let file = try openFile(FilePath(namespace.path))
        defer { try? file.close() }
        // The process behind the path may have ended, and another one have its number.
        var status = stat()
        guard unsafe fstat(file.rawValue, &status) == 0,
            UInt64(status.st_ino) == namespace.inode
        else { throw FileError(.open, namespace.path, .noSuchProcess) }
        let failure = withoutActuallyEscaping(body) { body in
            Visit.run(file.rawValue, body)
        }
        if let failure { throw FileError(.enter, namespace.path, failure) }
    }
}

/// One stay of a thread in a namespace. The thread that made it waits until the visitor has ended, so
/// the two never touch it, nor what the closure touches, at the same time.
private final class Visit {
    private let descriptor: Int32
    private let body: () -> Void
    private var failure: Errno?

    private init(_ descriptor: Int32, _ body: @escaping () -> Void) {
        self.descriptor = descriptor
        self.body = body
    }

    /// Visits on a new thread and waits for its end.
    static func run(_ descriptor: Int32, _ body: @escaping () -> Void) -> Errno? {
        let visit = Visit(descriptor, body)
        var thread = pthread_t()
        let context = unsafe Unmanaged.passUnretained(visit).toOpaque()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Visit>.fromOpaque(context).takeUnretainedValue().enter()
                return nil
            }, context)
        guard status == 0 else { return Errno(rawValue: status) }
        pthread_join(thread, nil)
        return visit.failure
    }

    private func enter() {
        if clinux_enter_network_namespace(descriptor) == 0 {
            body()
        } else {
            failure = Errno(rawValue: errno)
        }
    }
}
