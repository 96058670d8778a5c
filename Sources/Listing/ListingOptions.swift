package import TCPModel
package import TCPTable

/// What is listed, and how.
package struct ListingOptions: Sendable {
    /// What `--by` counts rows by.
    package enum Summary: String, CaseIterable, Sendable {
        case module
        case process
        case user
        case remote
        case port
        case direction
        case state
        case offload
        case netns
    }

    /// Whether the output has colours.
    package enum Color: String, CaseIterable, Sendable {
        /// On terminals that support them.
        case auto
        case always
        case never
    }

    package var filter = RowFilter()
    /// Nil lists the rows.
    package var summary: Summary?
    /// Nil is the order of addresses, or of a summary the largest count first.
    package var sort: ColumnSort?
    package var networkNamespaces = NamespaceChoice.own
    package var isJSON = false
    package var hasHeader = true
    package var color = Color.auto
    /// Milliseconds between two listings; nil lists once.
    package var watchMilliseconds: Int?
    /// The host whose table is listed.
    package var host = LinuxHost()
    /// The rules by which processes get names; nil without any.
    package var naming: (any ProcessNaming)?

    package init() {}

    /// Whether owners are searched for nearly all rows, and once.
    var looksUpAllOnce: Bool {
        let needsOwners =
            switch summary {
            case nil, .module, .process: true
            default: filter.needsOwners
            }
        return needsOwners && watchMilliseconds == nil && !filter.isSelective
    }
}
