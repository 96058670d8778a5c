/// The metrics and labels that a PromQL expression names; `querying/basics` and
/// `querying/operators` of Prometheus' documentation.
struct RulesExpression {
    /// One side of `name{label="value"}`.
    struct Matcher {
        let label: String
        let value: String
    }

    /// The metrics, each with what its selectors match.
    private(set) var selectors: [(metric: String, matchers: [Matcher])] = []
    /// The labels of `by`, `without`, `on`, `ignoring`, `group_left` and `group_right`.
    private(set) var grouping: [String] = []
    /// The labels that `label_replace` writes.
    private(set) var replaced: Set<String> = []
    private let tokens: [Substring]

    private static let groupers: Set = [
        "by", "without", "on", "ignoring", "group_left", "group_right",
    ]
    private static let words: Set = ["and", "or", "unless", "bool", "offset", "inf", "nan"]

    init(_ text: String) {
        let pattern =
            /#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_:][A-Za-z0-9_:]*|[0-9.]\w*|[=!]~|[=!<>]=|\S/
        tokens = text.matches(of: pattern).map(\.output).filter { !$0.hasPrefix("#") }
        var index = 0
        while index < tokens.count { index = take(at: index) }
        for end in tokens.indices where isReplacement(endingAt: end) {
            replaced.insert(String(tokens[end - 7].dropFirst().dropLast()))
        }
    }

    /// Whether the last four arguments of `label_replace` end at a token: label, replacement, source
    /// label and regular expression.
    private func isReplacement(endingAt end: Int) -> Bool {
        guard end >= 8, tokens[end] == ")" else { return false }
        return stride(from: end - 7, to: end, by: 2).allSatisfy {
            tokens[$0].hasPrefix("\"") && tokens[$0 - 1] == ","
        }
    }

    var metrics: Set<String> { Set(selectors.map(\.metric)) }

    /// Parses at a token, and returns the position of the next.
    private mutating func take(at index: Int) -> Int {
        let token = String(tokens[index])
        if token == "[" { return closing("]", from: index) + 1 }
        guard token.contains(/^[A-Za-z_:]/) else { return index + 1 }
        if Self.groupers.contains(token) {
            guard next(index) == "(" else { return index + 1 }
            let end = closing(")", from: index)
            grouping += tokens[(index + 2)..<end].filter { $0 != "," }.map(String.init)
            return end + 1
        }
        let isFunction = next(index) == "(" || Self.groupers.contains(String(next(index)))
        if Self.words.contains(token) || isFunction { return index + 1 }
        guard next(index) == "{" else {
            selectors.append((token, []))
            return index + 1
        }
        let end = closing("}", from: index)
        selectors.append((token, matchers(tokens[(index + 2)..<end])))
        return end + 1
    }

    private func matchers(_ tokens: ArraySlice<Substring>) -> [Matcher] {
        tokens.split(separator: ",").compactMap { parts in
            guard let label = parts.first, let value = parts.last else { return nil }
            return Matcher(label: String(label), value: String(value.dropFirst().dropLast()))
        }
    }

    private func next(_ index: Int) -> Substring {
        index + 1 < tokens.count ? tokens[index + 1] : ""
    }

    private func closing(_ token: Substring, from index: Int) -> Int {
        tokens[index...].firstIndex(of: token) ?? tokens.count - 1
    }
}
