import Foundation
import TestSupport
import Testing

/// The same rules for scrapes that come more often, by `Tests/Fleet/timelapse.py`.
enum RulesTimeLapse {
    /// The rules of a file, with each duration divided by the factor.
    static func text(of path: String, dividedBy factor: Int) throws -> String {
        let root = RulesFile.root
        let script = root.appending(path: "Tests/Fleet/timelapse.py").path
        let result = try run(
            "python3", [script, "\(factor)", root.appending(path: path).path])
        try #require(result.status == .exited(0), "\(result.standardError)")
        return result.standardOutput
    }
}
