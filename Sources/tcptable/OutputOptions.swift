import ArgumentParser
import Listing

/// How rows are listed.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .customLong("by"),
        help: ArgumentHelp(
            "List counts instead of rows. For port it is that of the listener, or of the remote side of "
                + "outgoing connections.",
            valueName: "what"))
    var summary: ListingOptions.Summary?

    @Option(
        help: ArgumentHelp(
            "Sort by this column, such as recv-q, pid or total; :asc or :desc behind it sets the "
                + "direction. Numbers begin with the largest.",
            valueName: "column"),
        completion: .list(ColumnSort.columns(of: nil) + ["total"]))
    var sort: String?

    @Flag(name: [.customShort("H"), .long], help: "Leave out the titles of columns.")
    var noHeader = false

    @Flag(name: .customLong("json"), help: "Write one JSON object per row.")
    var isJSON = false

    @Option(
        name: .customLong("watch"),
        help: ArgumentHelp(
            "Repeat the listing at this interval, 0.1 to 3600 seconds. On a terminal it fills the "
                + "screen; keys scroll, sort and filter.",
            valueName: "seconds"),
        transform: { (text) throws in try Listing.watchMilliseconds(text) })
    var watchMilliseconds: Int?

    @Option(help: "Use colours; auto is on a terminal, unless NO_COLOR is set.")
    var color = ListingOptions.Color.auto
}

extension ListingOptions.Summary: ExpressibleByArgument {}

extension ListingOptions.Color: ExpressibleByArgument {}
