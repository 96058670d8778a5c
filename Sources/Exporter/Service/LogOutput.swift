import Linux
package import Logging

/// How log lines are written.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `time=… level=info msg="…" key=value`.
    case logfmt
    /// One JSON object a line.
    case json
}

/// Writes log lines to standard error, without waiting for whoever reads it.
package struct LogOutput: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let format: LogFormat
    private let writer: LogWriter
    private let isJournal: Bool

    /// - Parameter isJournal: Whether each line begins with its priority, which the journal takes off.
    package init(
        level: Logger.Level, format: LogFormat, writer: LogWriter = .standardError,
        isJournal: Bool = JournalStream.isStandardError
    ) {
        logLevel = level
        self.format = format
        self.writer = writer
        self.isJournal = isJournal
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let extra = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let fields =
            [
                ("time", WallTime.now().utcText), ("level", Self.name(of: event.level)),
                ("msg", event.message.description),
            ] + extra.map { ($0.key, $0.value.description) }
        let line = format == .json ? LogLine.json(fields) : LogLine.logfmt(fields)
        let prefix = isJournal ? JournalStream.prefix(of: event.level) : ""
        writer.write(Array((prefix + line + "\n").utf8))
    }

    private static func name(of level: Logger.Level) -> String {
        level == .warning ? "warn" : level.rawValue
    }
}

/// Renders fields so that no value can break out of its line or its quotes.
enum LogLine {
    static func logfmt(_ fields: [(String, String)]) -> String {
        fields.map { key, value in
            let isPlain = !value.isEmpty && value.unicodeScalars.allSatisfy(isPlain)
            return isPlain ? "\(key)=\(value)" : "\(key)=\(quoted(value))"
        }.joined(separator: " ")
    }

    static func json(_ fields: [(String, String)]) -> String {
        let members = fields.map { key, value in "\(quoted(key)):\(quoted(value))" }
        return "{\(members.joined(separator: ","))}"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0x20 && scalar.value < 0x7F && scalar != "\"" && scalar != "="
            && scalar != "\\"
    }

    /// As JSON quotes (RFC 8259); control characters, line separators among them, are escaped.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _
            where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                || scalar.value == 0x2028 || scalar.value == 0x2029:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
