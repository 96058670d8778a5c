import Exporter
import Logging
import WebConfiguration

extension WebOptions {
    /// The web configuration, watched for changes; nil without `--web.config.file`.
    func configuration(_ logger: Logger) throws -> WatchedWebConfiguration? {
        guard let configFile else { return nil }
        let watched = try WatchedWebConfiguration(path: configFile) { logger.report($0) }
        logger.report(.adopted(watched.current.configuration.remarks))
        return watched
    }
}
