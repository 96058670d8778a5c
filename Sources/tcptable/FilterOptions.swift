import ArgumentParser
import Listing
import TCPModel

/// Which rows are listed.
struct FilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only rows in this state.", valueName: "state"),
        transform: { (text) throws in try RowFilter.states(text) })
    var state: [[TCPState]] = []

    @Flag(help: "Only listeners; the same as --state listen.")
    var listening = false

    @Option(
        help: ArgumentHelp(
            "Only rows of this module: its name, in which * stands for any characters, or kind:name with the kind service, container or "
                + "process. '(not_found)', '(protected)', '(partial)', '(ambiguous)' or '(kernel)' selects rows without a known "
                + "owner.",
            valueName: "name"))
    var module: [String] = []

    @Option(
        help: ArgumentHelp("Only rows owned by this process.", valueName: "pid"),
        transform: { (text) throws in try RowFilter.processes(text) })
    var pid: [[Int32]] = []

    @Option(
        help: ArgumentHelp("Only rows with this local or remote port.", valueName: "port"),
        transform: { (text) throws in try RowFilter.ports(text) })
    var port: [[UInt16]] = []

    @Option(
        help: ArgumentHelp("Only rows of this address family: ipv4 or ipv6.", valueName: "family"),
        transform: { (text) throws in try RowFilter.families(text) })
    var family: [[AddressFamily]] = []

    @Option(
        help: ArgumentHelp("Only rows in this offload state.", valueName: "state"),
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
