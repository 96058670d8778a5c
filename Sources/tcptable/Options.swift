import ArgumentParser
import Listing
import Procfs
import TCPConnections

/// Which rows.
struct FilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Rows in this state; can be given several times.", valueName: "state"),
        transform: { (text) throws in try RowFilter.states(text) })
    var state: [[TCPState]] = []

    @Flag(help: "Listeners: the same as --state listen.")
    var listening = false

    @Option(
        help: ArgumentHelp(
            "Rows of the module of this name: as it is, as the listing shows it, as kind:name with "
                + "the kind service, container or process, or '(not_found)', '(protected)', "
                + "'(partial)' for rows without one.",
            valueName: "name"))
    var module: [String] = []

    @Option(
        help: ArgumentHelp("Rows whose socket this process holds.", valueName: "number"),
        transform: { (text) throws in try RowFilter.processes(text) })
    var pid: [[Int32]] = []

    @Option(
        help: ArgumentHelp("Rows with this port, local or remote.", valueName: "number"),
        transform: { (text) throws in try RowFilter.ports(text) })
    var port: [[UInt16]] = []

    @Option(
        help: ArgumentHelp("Rows of this family: ipv4, ipv6.", valueName: "family"),
        transform: { (text) throws in try RowFilter.families(text) })
    var family: [[AddressFamily]] = []

    @Option(
        help: ArgumentHelp("Rows in this offload state.", valueName: "state"),
        transform: { (text) throws in try RowFilter.offloadStates(text) })
    var offload: [[OffloadState]] = []

    var filter: RowFilter {
        var filter = RowFilter()
        filter.states = Set(state.joined()).union(listening ? [.listen] : [])
        filter.modules = Set(module)
        filter.processes = Set(pid.joined())
        filter.ports = Set(port.joined())
        filter.families = Set(family.joined())
        filter.offloadStates = Set(offload.joined())
        return filter
    }
}

/// How they are shown.
struct FormOptions: ParsableArguments {
    @Option(
        name: .customLong("by"),
        help: ArgumentHelp("Count the rows instead.", valueName: "what"))
    var summary: ListingOptions.Summary?

    @Flag(name: .customLong("json"), help: "Write a JSON object for each row.")
    var isJSON = false

    @Option(
        name: .customLong("watch"),
        help: ArgumentHelp(
            "List again and again, with this time between, 0.1 to 3600; on a terminal on a screen "
                + "of its own, which q ends.",
            valueName: "seconds"),
        transform: { (text) throws in try Listing.watchMilliseconds(text) })
    var watchMilliseconds: Int?

    @Option(help: "Colours. (auto: on a terminal, unless NO_COLOR is set)")
    var color = ListingOptions.Color.auto
}

/// Where the kernel's file systems are mounted.
struct PathOptions: ParsableArguments {
    @Option(
        name: .customLong("path.procfs"),
        help: ArgumentHelp("Mount point of proc.", valueName: "directory"))
    var procfs = "/proc"

    @Option(
        name: .customLong("path.cgroupfs"),
        help: ArgumentHelp("Mount point of the cgroup hierarchies.", valueName: "directory"))
    var cgroupfsMount = "/sys/fs/cgroup"

    var cgroupfs: CgroupFS { CgroupFS(mount: cgroupfsMount) }

    /// Throws when there is no proc file system at the path.
    func checkedProcfs() throws -> ProcFS {
        let procfs = ProcFS(root: procfs)
        _ = try procfs.ownStatistics
        return procfs
    }
}

extension ListingOptions.Summary: ExpressibleByArgument {}

extension ListingOptions.Color: ExpressibleByArgument {}
