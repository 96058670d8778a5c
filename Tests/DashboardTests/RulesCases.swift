import Foundation

/// A case of a file for `promtool test rules`, written like ``RulesFile``.
struct RulesCase {
    var name = ""
    /// The series that are fed in.
    var series: [String] = []
    /// What is expected of an alert at a time.
    var expectations: [(alert: String, isFiring: Bool)] = []
    /// The texts of the alerts that are expected.
    var descriptions: [String] = []

    static func all(in path: String) throws -> [RulesCase] {
        let text = try String(contentsOf: RulesFile.root.appending(path: path), encoding: .utf8)
        return text.components(separatedBy: "\n  - name: ").dropFirst()
            .map { RulesCase($0 + "\n") }
    }

    private init(_ text: String) {
        name = text.components(separatedBy: "\n")[0]
        series = text.matches(of: /- series: '([^\n]*)'\n/)
            .map { $0.1.replacingOccurrences(of: "''", with: "'") }
        expectations = text.matches(of: /alertname: (\w+)\n +exp_alerts:(| \[\])\n/)
            .map { (String($0.1), $0.2.isEmpty) }
        // A description ends where a line is indented less.
        descriptions = text.matches(of: /description: (?:>-)?((?:\n {16}[^\n]*)+|[^\n]*)/)
            .map { match in
                match.1.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
                    .joined(separator: " ").trimmingCharacters(in: ["'"])
            }
    }
}
