import ArgumentParser
import Listing

/// How rows are listed.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .customLong("by"),
        help: ArgumentHelp("List counts instead of rows.", valueName: "what"))
    var summary: ListingOptions.Summary?

    @Flag(name: .customLong("json"), help: "Write one JSON object per row.")
    var isJSON = false

    @Option(
        name: .customLong("watch"),
        help: ArgumentHelp(
            "Repeat the listing at this interval, 0.1 to 3600 seconds. On a terminal it fills the "
                + "screen; press q to quit.",
            valueName: "seconds"),
        transform: { (text) throws in try Listing.watchMilliseconds(text) })
    var watchMilliseconds: Int?

    @Option(help: "Use colours; auto is on a terminal, unless NO_COLOR is set.")
    var color = ListingOptions.Color.auto
}

extension ListingOptions.Summary: ExpressibleByArgument {}

extension ListingOptions.Color: ExpressibleByArgument {}
