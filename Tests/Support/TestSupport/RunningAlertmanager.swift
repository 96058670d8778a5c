import Foundation

/// An Alertmanager by itself, on a port that is free in a new network namespace:
/// `.requires(.tool("prometheus-alertmanager"))`, `.requires(.curl)`.
package final class RunningAlertmanager {
    /// An alert that fires, as its API gives it.
    package struct Alert: Sendable {
        package let labels: [String: String]
        package let annotations: [String: String]
        /// `active`, `suppressed` by another alert, or `unprocessed`.
        package let state: String

        package var name: String { labels["alertname"] ?? "" }
    }

    /// Where it answers.
    package static let address = "127.0.0.1:39093"

    private let directory: TemporaryDirectory
    private let child: ChildProcess

    /// Starts it with an `alertmanager.yml`.
    package init(configuration: String) throws {
        directory = try TemporaryDirectory()
        let file = try directory.write(configuration, to: "alertmanager.yml")
        child = try ChildProcess(
            "prometheus-alertmanager",
            [
                "--config.file=\(file)", "--storage.path=\(directory.path)/data",
                "--web.listen-address=\(Self.address)", "--cluster.listen-address=",
            ])
    }

    /// It ends before its directory goes away.
    deinit {
        child.send(SIGKILL)
        _ = try? child.wait()
    }

    /// What fires now; what is resolved is not among it.
    package func alerts() throws -> [Alert] {
        let answer = try jsonObject(at: "http://\(Self.address)/api/v2/alerts")
        return (answer as? [[String: Any]] ?? []).map { one in
            Alert(
                labels: one["labels"] as? [String: String] ?? [:],
                annotations: one["annotations"] as? [String: String] ?? [:],
                state: (one["status"] as? [String: Any])?["state"] as? String ?? "")
        }
    }
}
