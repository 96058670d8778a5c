import CLinux
import Glibc
import Linux
import SystemPackage
package import TCPModel

extension ProcFS {
    /// Runs a closure inside the namespace, on a thread that enters it and ends with the closure: no
    /// other thread is moved. The caller waits. The namespace is held open for no longer than that,
    /// because an open file, or a socket, keeps a namespace alive that nobody else needs.
    package func enter(
        _ namespace: NetworkNamespace, _ body: () -> Void
    ) throws(FileError) {
        let file = try openFile(namespace.path)
        let number = file.rawValue
        do throws(Errno) {
            // The process behind the path may have ended, and another one have its number.
            guard UInt64(try file.status().st_ino) == namespace.inode else {
                throw .noSuchProcess
            }
            let failure = try Thread.wait { () -> Errno? in
                guard clinux_enter_network_namespace(number) == 0 else {
                    return Errno(rawValue: errno)
                }
                body()
                return nil
            }
            if let failure { throw failure }
        } catch {
            throw FileError(.enter, namespace.path, error)
        }
    }
}
