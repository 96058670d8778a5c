package import Procfs

/// What is listed, and how.
package struct ListingOptions: Sendable {
    /// What rows are counted by.
    package enum Summary: String, CaseIterable, Sendable {
        case module
        case state
        case offload
    }

    /// Whether the output has colours.
    package enum Color: String, CaseIterable, Sendable {
        /// On a terminal that can.
        case auto
        case always
        case never
    }

    package var filter = RowFilter()
    /// Nil lists the rows themselves.
    package var summary: Summary?
    package var isJSON = false
    package var color = Color.auto
    /// Milliseconds between two listings; nil is a single one.
    package var watchMilliseconds: Int?
    package var procfs = ProcFS()
    package var cgroupfs = CgroupFS()

    package init() {}
}

/// What of the environment (`man 7 environ`) decides how the output looks.
package struct OutputEnvironment: Sendable {
    package var isTerminal: Bool
    /// `NO_COLOR` of no-color.org: set to anything but nothing, it means no.
    package var noColor: String?
    /// `TERM`: without one, or a `dumb` one, there is nothing but lines.
    package var terminalType: String?
    /// Whether the locale writes UTF-8.
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

    /// A file may be read anywhere, and UTF-8 is what text is.
    package var charset: Charset { isTerminal && !isLocaleUTF8 ? .ascii : .utf8 }
}
