import Configuration

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

    init(path: String, _ problem: ConfigurationProblem) {
        self.init(path: path, line: problem.line, key: problem.key, problem: problem.text)
    }

    package var description: String {
        ConfigurationProblem(line: line, key: key, problem).message("the web configuration \(path)")
    }
}
