import MetricsServer
import Synchronization
package import WebConfiguration

/// Configures TLS as the web configuration says: each connection by what is in force when it begins.
package final class WebSecurity: ConnectionSecurity {
    private let file: WatchedWebConfiguration
    private let context: Mutex<TLSContext>

    /// Nil where the configuration is one of plain HTTP.
    package init?(_ file: WatchedWebConfiguration) throws(WebConfigurationError) {
        let path = file.path
        let current = file.current
        guard let tls = current.configuration.tls, let material = current.material else {
            return nil
        }
        self.file = file
        context = Mutex(try TLSContext(tls, material, path: path))
        file.whenTLSChanges { [weak self] (tls, material) throws(WebConfigurationError) in
            let context = try TLSContext(tls, material, path: path)
            self?.context.withLock { $0 = context }
        }
    }

    package func secure(_ session: OpaquePointer) -> AnyObject {
        file.refresh()
        let context = context.withLock { $0 }
        unsafe context.secure(session)
        return context
    }
}
