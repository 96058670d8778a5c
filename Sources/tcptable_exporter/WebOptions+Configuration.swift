import Exporter
import Logging
import WebConfiguration

extension WebOptions {
    /// The web configuration, watched from now on; nil where none is asked for.
    func configuration(_ logger: Logger) throws -> WatchedWebConfiguration? {
        guard let configFile else { return nil }
        let watched = try WatchedWebConfiguration(path: configFile) { logger.report($0) }
        let configuration = watched.current.configuration
        guard configuration.tls == nil else {
            throw WebConfigurationError(
                path: configFile, key: "tls_server_config", problem: "TLS is not supported")
        }
        logger.report(.adopted(configuration.remarks))
        return watched
    }
}
