/// What is wrong with a configuration file, without the file: those who read its contents do not know
/// its name.
package struct ConfigurationProblem: Error, Equatable {
    /// From 1; nil where the cause is no line's.
    package var line: Int?
    /// The key with those above it: `tls_server_config.min_version`.
    package var key: String?
    /// A sentence's end.
    package let text: String

    package init(line: Int? = nil, key: String? = nil, _ text: String) {
        self.line = line
        self.key = key
        self.text = text
    }

    /// The whole sentence.
    ///
    /// - Parameter file: What the file is, and its path.
    package func message(_ file: String) -> String {
        let place = line.map { ", line \($0)" } ?? ""
        let name = key.map { "\($0): " } ?? ""
        return "cannot use \(file)\(place): \(name)\(text)"
    }
}

/// A text of the file for a message: quoted, and cut. Never of a secret.
package func excerpt(_ text: String) -> String {
    let characterCountMax = 64
    let cut = text.unicodeScalars.prefix(characterCountMax)
    let isCut = cut.endIndex != text.unicodeScalars.endIndex
    return "'\(String(cut))\(isCut ? "…" : "")'"
}
