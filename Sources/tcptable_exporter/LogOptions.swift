import ArgumentParser
import Exporter
import Logging

/// What is logged, and in which format.
struct LogOptions: ParsableArguments {
    enum Level: String, CaseIterable, ExpressibleByArgument {
        case debug
        case info
        case warn
        case error

        var swiftLog: Logger.Level {
            switch self {
            case .debug: .debug
            case .info: .info
            case .warn: .warning
            case .error: .error
            }
        }
    }

    @Option(name: .customLong("log.level"), help: "Only log messages with this severity or above.")
    var level = Level.info

    @Option(name: .customLong("log.format"), help: "Output format of log messages.")
    var format = LogFormat.logfmt
}

extension LogFormat: ExpressibleByArgument {}
