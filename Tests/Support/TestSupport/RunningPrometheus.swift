import Foundation
import SystemPackage

/// A Prometheus with its data in a directory of its own, on a port that is free in a new network
/// namespace: `.requires(.prometheus)`, `.requires(.curl)`.
package final class RunningPrometheus {
    /// Where it answers.
    package static let address = "127.0.0.1:39090"

    private let directory: TemporaryDirectory
    private let child: ChildProcess

    /// Starts it with a `prometheus.yml`, and with other files beside it, by name.
    package init(
        configuration: String, files: [String: String] = [:], options: [String] = []
    ) throws {
        directory = try TemporaryDirectory()
        for (name, text) in files { try directory.write(text, to: name) }
        let file = try directory.write(configuration, to: "prometheus.yml")
        child = try ChildProcess(
            "prometheus",
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(directory.path)/data",
                "--web.listen-address=\(Self.address)",
            ] + options)
    }

    /// It ends before its directory goes away.
    deinit {
        child.send(SIGKILL)
        _ = try? child.wait()
    }

    /// Starts it scraping one target every second, as job `test`, with further settings of the job.
    package convenience init(scraping target: String, _ settings: String = "") throws {
        let indented = settings.split(separator: "\n").joined(separator: "\n    ")
        try self.init(
            configuration: """
                global: { scrape_interval: 1s, scrape_timeout: 1s }
                scrape_configs:
                  - job_name: test
                    \(indented)
                    static_configs: [{ targets: ["\(target)"] }]
                """)
    }

    /// Ends it and waits for it.
    package func end() throws -> ProcessResult {
        child.send(SIGTERM)
        return try child.wait(within: .seconds(30))
    }

    /// The value of the first series that a query has, waited for; of `up`, until it is not 0.
    package func value(of query: String) throws -> String {
        try awaited("an answer to \(query)", within: .seconds(60)) {
            let value = try series(query).first?.value
            return value == "0" && query.hasPrefix("up") ? nil : value
        }
    }

    /// The series that a query has now; none while Prometheus does not answer yet.
    package func series(_ query: String) throws -> [(labels: [String: String], value: String)] {
        let data = try data(of: "query", ["query=\(query)"]) as? [String: Any]
        let series = data?["result"] as? [[String: Any]] ?? []
        return series.map { one in
            let value = (one["value"] as? [Any])?.last as? String
            return (one["metric"] as? [String: String] ?? [:], value ?? "")
        }
    }

    /// The unit that Prometheus knows of a family; nil where it does not know the family.
    package func unit(of family: String) throws -> String? {
        let data = try data(of: "targets/metadata", ["metric=\(family)"])
        return (data as? [[String: Any]])?.first?["unit"] as? String
    }

    /// The data of an answer of Prometheus' API; nil while it does not answer.
    package func data(of path: String, _ parameters: [String] = []) throws -> Any? {
        let url = "http://\(Self.address)/api/v1/\(path)"
        return (try jsonObject(at: url, parameters) as? [String: Any])?["data"]
    }

    /// Asks again and again until there is an answer; throws with what Prometheus said if there is none
    /// within the limit.
    package func awaited<T>(
        _ what: String, within limit: Duration, _ answer: () throws -> T?
    ) throws -> T {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let value = try answer() { return value }
            usleep(100_000)
        }
        throw SupportError(
            what: "awaiting \(what) of Prometheus, which said: \(child.standardError)",
            cause: .timedOut)
    }
}

/// The JSON that is got from an address by curl; nil where there is none.
func jsonObject(at url: String, _ parameters: [String] = []) throws -> Any? {
    let result = try run(
        "curl",
        ["-sS", "--noproxy", "*", "--get", url]
            + parameters.flatMap { ["--data-urlencode", $0] })
    return try? JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8))
}
