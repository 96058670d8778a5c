import ArgumentParser
import Listing
import TCPModel

/// Which rows are listed.
struct FilterOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Only rows with this local or remote port; the same as --port.", valueName: ":port"),
        transform: { (text) throws in try RowFilter.portsAlone(text) })
    var portsAlone: [[ClosedRange<UInt16>]] = []

    @Flag(
        name: [.customShort("l"), .long], help: "Only listeners; the same as --state listen.")
    var listening = false

    @Flag(
        name: [.customShort("4"), .customLong("ipv4")],
        help: "Only IPv4 sockets; the same as --family ipv4.")
    var isIPv4 = false

    @Flag(
        name: [.customShort("6"), .customLong("ipv6")],
        help: "Only IPv6 sockets; the same as --family ipv6.")
    var isIPv6 = false

    @Option(
        help: ArgumentHelp(
            "Only rows in this state, in the spelling of tcptable or ss.", valueName: "state"),
        completion: .list(TCPState.inOrder.map(\.label.description) + StateNames.groups),
        transform: { (text) throws in try RowFilter.states(text) })
    var state: [[TCPState]] = []

    @Option(
        help: ArgumentHelp(
            "Only rows with this local or remote port: a number, a range such as 8000-8999, or a "
                + "service's name.",
            valueName: "port"),
        transform: { (text) throws in try RowFilter.ports(text) })
    var port: [[ClosedRange<UInt16>]] = []

    @Option(
        help: ArgumentHelp(
            "Only rows with this local address: a network, a port, or both, such as 10.0.0.0/8:443 or "
                + "[2001:db8::/32]:https.",
            valueName: "cidr:port"),
        transform: { (text) throws in try RowFilter.endpoints(text) })
    var local: [[EndpointPattern]] = []

    @Option(
        help: ArgumentHelp(
            "Only connections with this remote address, as for --local. IPv4-mapped addresses are IPv4.",
            valueName: "cidr:port"),
        transform: { (text) throws in try RowFilter.endpoints(text) })
    var remote: [[EndpointPattern]] = []

    @Option(
        help: ArgumentHelp(
            "Only rows of this module: its name, in which * stands for any characters and ? for one, or "
                + "kind:name with the kind service, container or process. '(not_found)', '(protected)', "
                + "'(partial)', '(ambiguous)' or '(kernel)' selects rows without a known owner.",
            valueName: "name"))
    var module: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only rows owned by a process of this program; * and ? stand for characters as in --module.",
            valueName: "name"))
    var process: [String] = []

    @Option(
        help: ArgumentHelp("Only rows owned by this process.", valueName: "pid"),
        transform: { (text) throws in try RowFilter.processes(text) })
    var pid: [[Int32]] = []

    @Option(
        help: ArgumentHelp(
            "Only sockets that this user created, by name or number. The kernel forgets the user in "
                + "time_wait and syn_recv.",
            valueName: "user"),
        transform: { (text) throws in try RowFilter.users(text) })
    var user: [[UInt32]] = []

    @Option(
        help: ArgumentHelp("Only rows of this address family: ipv4 or ipv6.", valueName: "family"),
        completion: .list(AddressFamily.allCases.map(\.label.description)),
        transform: { (text) throws in try RowFilter.families(text) })
    var family: [[AddressFamily]] = []

    @Option(
        help: ArgumentHelp("Only rows in this offload state.", valueName: "state"),
        completion: .list(OffloadState.allCases.map(\.label.description)),
        transform: { (text) throws in try RowFilter.offloadStates(text) })
    var offload: [[OffloadState]] = []

    @Option(
        name: [.customShort("N"), .long],
        help: ArgumentHelp(
            "List this network namespace, by its name in /run/netns or its inode number, or 'all' that "
                + "have a name or a process. Needs CAP_SYS_ADMIN.",
            valueName: "name"),
        completion: .shellCommand("echo all; ls /run/netns 2>/dev/null"))
    var netns: String?

    var filter: RowFilter {
        var filter = RowFilter()
        filter.states = Set(state.joined()).union(listening ? [.listen] : [])
        filter.families = Set(family.joined()).union(isIPv4 ? [.ipv4] : [])
            .union(isIPv6 ? [.ipv6] : [])
        filter.offloadStates = Set(offload.joined())
        filter.ports = Set((port + portsAlone).joined().joined())
        filter.locals = Array(local.joined())
        filter.remotes = Array(remote.joined())
        filter.users = Set(user.joined())
        filter.processes = Set(pid.joined())
        filter.programs = process.map(GlobPattern.init)
        filter.modules = Set(module)
        return filter
    }
}

/// Options of `ss` and `lsof` for what `tcptable` does anyway.
struct FamiliarOptions: ParsableArguments {
    @Flag(name: [.customShort("a"), .long], help: "List all states; the default.")
    var all = false

    @Flag(name: [.customShort("t"), .long], help: "List TCP; there is nothing else.")
    var tcp = false

    @Flag(name: [.customShort("n"), .long], help: "Write ports as numbers; the default.")
    var numeric = false

    @Flag(
        name: [.customShort("p"), .long], help: "Show programs and process IDs; the default.")
    var processes = false
}
