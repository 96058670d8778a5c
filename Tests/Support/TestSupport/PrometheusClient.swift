import Foundation

/// What Python's prometheus_client reads in an exposition: another reader's opinion.
package struct PrometheusClient: Decodable, Sendable {
    /// A family, by the name that the reader gives it: a counter's is without `_total`.
    package struct Family: Decodable, Sendable {
        package let name: String
        package let type: String
        package let unit: String
        package let help: String
        package let samples: [Sample]
    }

    /// One series.
    package struct Sample: Decodable, Sendable, Hashable {
        package let name: String
        package let labels: [String: String]
        package let value: Double
    }

    /// What the reader found wrong.
    package struct Refused: Error, CustomStringConvertible {
        package let description: String
    }

    package let families: [Family]

    package init(readingText exposition: [UInt8]) throws {
        try self.init(exposition, parser: "prometheus_client.parser")
    }

    package init(readingOpenMetrics exposition: [UInt8]) throws {
        try self.init(exposition, parser: "prometheus_client.openmetrics.parser")
    }

    /// Fails if the reader finds anything wrong, in its words.
    private init(_ exposition: [UInt8], parser: String) throws {
        let result = try run(
            python, ["-c", Self.program, parser],
            input: String(decoding: exposition, as: UTF8.self))
        guard result.status == .exited(0) else {
            throw Refused(description: "\(parser): \(result.standardError)")
        }
        self = try JSONDecoder().decode(Self.self, from: Data(result.standardOutput.utf8))
    }

    /// Lines end where the formats say, and at no other character of Python's.
    private static let program = """
        import importlib, io, json, sys
        parser = importlib.import_module(sys.argv[1])
        text = io.StringIO(sys.stdin.buffer.read().decode(), newline='\\n')
        json.dump({"families": [
            {"name": f.name, "type": f.type, "unit": f.unit, "help": f.documentation,
             "samples": [{"name": s.name, "labels": s.labels, "value": s.value} for s in f.samples]}
            for f in parser.text_fd_to_metric_families(text)]}, sys.stdout)
        """
}

extension Requirement {
    /// Python with the package python3-prometheus-client.
    package static let prometheusClient = Requirement("python3-prometheus-client") {
        let imported = try? run(python, ["-c", "import prometheus_client"])
        return imported?.status == .exited(0)
    }
}

/// Debian's own, which finds Debian's packages.
private let python = "/usr/bin/python3"
