import ArgumentParser
import Exporter

/// What is collected.
struct CollectorOptions: ParsableArguments {
    @Flag(
        name: .customLong("collector.state"), inversion: .prefixedNo,
        help: "Connections by address family and state.")
    var state = true

    @Flag(
        name: .customLong("collector.module"), inversion: .prefixedNo,
        help: "Connections by owner module and state.")
    var module = true

    @Flag(
        name: .customLong("collector.offload"), inversion: .prefixedNo,
        help: "Connections by offload state, and kernel TLS statistics.")
    var offload = true

    @Flag(
        name: .customLong("collector.offload.allow-blocking"),
        help: """
            Read kernel TLS even before Linux 6.9, where any local program can then block all readers \
            of the TCP table, ss included.
            """)
    var offloadAllowsBlocking = false

    @Flag(
        name: .customLong("collector.queue"), inversion: .prefixedNo,
        help: "Receive and send queues by owner module.")
    var queue = true

    @Flag(
        name: .customLong("collector.listener"), inversion: .prefixedNo,
        help: "Accept queues by listener.")
    var listener = true

    @Flag(
        name: .customLong("collector.ephemeral-port"), inversion: .prefixedNo,
        help: "Ephemeral port usage.")
    var ephemeralPort = true

    @Option(
        name: .customLong("collector.module.limit"),
        help: ArgumentHelp(
            "Maximum number of owner modules with their own series. The others are summed as module "
                + "'other'.",
            valueName: "count"))
    var moduleLimit = 200

    @Flag(
        name: .customLong("collector.module.paths"), inversion: .prefixedNo,
        help: "Paths of owners' executables in tcptable_module_info.")
    var includesModulePaths = true

    @Option(
        name: .customLong("collector.netns"),
        help: ArgumentHelp(
            "Network namespaces to read: only the exporter's own, or all that have a name or a "
                + "process, which needs CAP_SYS_ADMIN. Each costs one dump of the host's sockets.")
    )
    var networkNamespaces = NetworkNamespaceScope.own

    var names: Set<CollectorName> {
        let switches: [(CollectorName, Bool)] = [
            (.state, state), (.module, module), (.offload, offload), (.queue, queue),
            (.listener, listener), (.ephemeralPort, ephemeralPort),
        ]
        return Set(switches.filter(\.1).map(\.0))
    }

    func validate() throws {
        guard moduleLimit >= 0 else {
            throw ValidationError("--collector.module.limit \(moduleLimit) must not be negative.")
        }
    }
}

extension NetworkNamespaceScope: ExpressibleByArgument {}
