/// Why a web configuration cannot be used: which file, where in it, and the cause.
package struct WebConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file, as it was named.
    package let path: String
    /// From 1; nil where the cause is no line's.
    package let line: Int?
    /// The key with those above it: `tls_server_config.min_version`.
    package let key: String?
    /// What is wrong with it.
    package let problem: String

    package init(path: String, line: Int? = nil, key: String? = nil, problem: String) {
        self.path = path
        self.line = line
        self.key = key
        self.problem = problem
    }

    init(path: String, _ problem: WebConfigurationProblem) {
        self.init(path: path, line: problem.line, key: problem.key, problem: problem.text)
    }

    package var description: String {
        let place = line.map { ", line \($0)" } ?? ""
        let name = key.map { "\($0): " } ?? ""
        return "cannot use the web configuration \(path)\(place): \(name)\(problem)"
    }
}

/// The same without the file: those who read its contents do not know its name.
struct WebConfigurationProblem: Error, Equatable {
    var line: Int?
    var key: String?
    let text: String

    init(line: Int? = nil, key: String? = nil, _ text: String) {
        self.line = line
        self.key = key
        self.text = text
    }
}

/// A text of the file for a message: quoted, and cut. Never of a secret.
func excerpt(_ text: String) -> String {
    let characterCountMax = 64
    let cut = text.unicodeScalars.prefix(characterCountMax)
    let isCut = cut.endIndex != text.unicodeScalars.endIndex
    return "'\(String(cut))\(isCut ? "…" : "")'"
}
