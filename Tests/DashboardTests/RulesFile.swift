import Foundation

/// A rule as its file gives it.
struct Rule {
    /// Of an alert, else of what is recorded.
    var name = ""
    var isAlert = false
    var expression = ""
    var hold = ""
    var severity = ""
    var summary = ""
    var description = ""
    /// Where the runbook has its section, relative to the repository.
    var runbook = ""
    /// The dashboard that shows it, relative to Grafana.
    var dashboard = ""
    /// The comment above it.
    var comment = ""
}

/// A file of rules, in the plain YAML that the files of this repository are written in: a key a
/// line, and longer texts as blocks. Whether it is YAML at all, and nothing else, is for promtool
/// to say.
struct RulesFile {
    /// All files of alerts, and that of recording rules.
    static let alerts = [
        "dashboards/alerts.yml", "dashboards/alerts-absent.yml", "dashboards/alerts-kernel-tls.yml",
    ]
    static let records = "dashboards/rules.yml"

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The keys that rules have here; a text can have any other word before a colon.
    private static var entry: Regex<(Substring, Substring, Substring?)> {
        /(expr|for|interval|rules|labels|severity|annotations|summary|description|runbook_url|dashboard_url):(?: (.*))?/
    }

    let text: String
    private(set) var rules: [Rule] = []

    init(_ path: String) throws {
        text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
        var comment = ""
        var key = ""
        for line in text.split(separator: "\n") {
            let words = line.trimmingCharacters(in: .whitespaces)
            if words.hasPrefix("#") {
                comment += words + "\n"
            } else if words.hasPrefix("- name:") {
                key = ""  // of a group
            } else if let start = words.wholeMatch(of: /- (alert|record): (\S+)/) {
                let isAlert = start.1 == "alert"
                rules.append(Rule(name: String(start.2), isAlert: isAlert, comment: comment))
                comment = ""
            } else if let entry = words.wholeMatch(of: Self.entry), !rules.isEmpty {
                key = String(entry.1)
                let value = String(entry.2 ?? "")
                add([">-", "|"].contains(value) ? "" : value, key)
            } else if !rules.isEmpty {
                add(words, key)
            }
        }
    }

    private mutating func add(_ words: String, _ key: String) {
        let path: WritableKeyPath<Rule, String>
        switch key {
        case "expr": path = \.expression
        case "for": path = \.hold
        case "severity": path = \.severity
        case "summary": path = \.summary
        case "description": path = \.description
        case "runbook_url": path = \.runbook
        case "dashboard_url": path = \.dashboard
        default: return
        }
        let last = rules.count - 1
        rules[last][keyPath: path] += (rules[last][keyPath: path].isEmpty ? "" : "\n") + words
    }
}
