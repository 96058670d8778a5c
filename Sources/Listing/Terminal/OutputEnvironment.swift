/// The environment (`man 7 environ`) that decides how the output looks.
package struct OutputEnvironment: Sendable {
    package var isTerminal: Bool
    /// `NO_COLOR` of no-color.org: any value but the empty one turns colours off.
    package var noColor: String?
    /// `TERM`: unset, empty or `dumb`, the terminal takes plain lines only.
    package var terminalType: String?
    /// Whether the locale's character set is UTF-8.
    package var isLocaleUTF8: Bool

    package init(
        isTerminal: Bool, noColor: String? = nil, terminalType: String? = "xterm",
        isLocaleUTF8: Bool = true
    ) {
        self.isTerminal = isTerminal
        self.noColor = noColor
        self.terminalType = terminalType
        self.isLocaleUTF8 = isLocaleUTF8
    }

    /// Whether the cursor can be moved.
    package var isScreen: Bool {
        isTerminal && terminalType != nil && terminalType != "" && terminalType != "dumb"
    }

    package func isColored(_ color: ListingOptions.Color) -> Bool {
        switch color {
        case .always: true
        case .never: false
        case .auto: isScreen && (noColor ?? "").isEmpty
        }
    }

    /// UTF-8, except on a terminal whose locale is not UTF-8.
    package var charset: Charset { isTerminal && !isLocaleUTF8 ? .ascii : .utf8 }
}
