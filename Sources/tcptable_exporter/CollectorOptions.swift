import ArgumentParser
import Exporter
import Patterns

/// What is collected.
struct CollectorOptions: ParsableArguments {
    @Flag(
        name: .customLong("collector.disable-defaults"),
        help: "Disable all collectors but those that are enabled by an option of their own.")
    var disablesDefaults = false

    @Flag(
        name: .customLong("collector.state"), inversion: .prefixedNo,
        help: "Connections by address family and state. (default: enabled)")
    var state: Bool?

    @Flag(
        name: .customLong("collector.module"), inversion: .prefixedNo,
        help: "Connections by owner module and state. (default: enabled)")
    var module: Bool?

    @Flag(
        name: .customLong("collector.offload"), inversion: .prefixedNo,
        help: "Connections by offload state, and kernel TLS statistics. (default: enabled)")
    var offload: Bool?

    @Flag(
        name: .customLong("collector.offload.allow-blocking"),
        help: """
            Read kernel TLS without BPF even before Linux 6.9, where any local program can then block \
            all readers of the TCP table, ss included.
            """)
    var offloadAllowsBlocking = false

    @Flag(
        name: .customLong("collector.queue"), inversion: .prefixedNo,
        help: "Receive and send queues by owner module. (default: enabled)")
    var queue: Bool?

    @Flag(
        name: .customLong("collector.listener"), inversion: .prefixedNo,
        help:
            "Accept queues, dropped connection attempts and connections by listener. (default: enabled)"
    )
    var listener: Bool?

    @Flag(
        name: .customLong("collector.ephemeral-port"), inversion: .prefixedNo,
        help: "Ephemeral port usage. (default: enabled)")
    var ephemeralPort: Bool?

    @Option(
        name: .customLong("collector.module.limit"),
        help: ArgumentHelp(
            "Maximum number of owner modules with their own series. The others are summed as module "
                + "'other'.",
            valueName: "count"))
    var moduleLimit = 200

    @Option(
        name: .customLong("collector.module.include"),
        help: ArgumentHelp(
            "Regular expression of owner modules with their own series, matched against the whole "
                + "name. The others are summed as module 'other'.",
            valueName: "regexp"),
        transform: { (text) throws in try modulePattern(text) })
    var includedModules: Pattern?

    @Option(
        name: .customLong("collector.module.exclude"),
        help: ArgumentHelp(
            "Regular expression of owner modules without their own series. They are summed as module "
                + "'other'.",
            valueName: "regexp"),
        transform: { (text) throws in try modulePattern(text) })
    var excludedModules: Pattern?

    @Option(
        name: .customLong("collector.module.map"),
        help: ArgumentHelp(
            "File with rules that name processes by executable, command line, user or cgroup. It is "
                + "reloaded when it changes.",
            valueName: "path"),
        completion: .file())
    var moduleMapFile: String?

    @Option(
        name: .customLong("collector.module.container-names"),
        help: ArgumentHelp(
            "Names of containers: auto reads them from files of Docker, Podman, containerd and "
                + "Kubernetes; off uses their IDs."))
    var containerNames = ContainerNameMode.auto

    @Flag(
        name: .customLong("collector.module.paths"), inversion: .prefixedNo,
        help: "Paths of owners' executables in tcptable_module_info.")
    var includesModulePaths = true

    @Option(
        name: .customLong("collector.module.path-label-bytes"),
        help: ArgumentHelp(
            "Maximum length of these paths, \(ScraperOptions.pathByteCountRange.lowerBound) to "
                + "\(ScraperOptions.pathByteCountRange.upperBound); longer ones end in a hash. Use 0 "
                + "to omit them.",
            valueName: "bytes"))
    var modulePathBytes = ScraperOptions.pathByteCount

    @Option(
        name: .customLong("collector.listener.limit"),
        help: ArgumentHelp(
            "Maximum number of listeners with their own series, in each network namespace. The others "
                + "are summed as address and port 'other', those with full accept queues last.",
            valueName: "count"))
    var listenerLimit = 500

    @Flag(
        name: .customLong("collector.listener.connections"), inversion: .prefixedNo,
        help: "Incoming connections by listener and state.")
    var countsListenerConnections = true

    @Option(
        name: .customLong("collector.peer"),
        help: ArgumentHelp(
            "Count connections with a peer by owner module and state. The longest prefix wins. An "
                + "IPv6 network with a port is in brackets. Can be repeated.",
            valueName: "name=cidr[:port]"),
        transform: { text in
            do { return try Peer(text) } catch {
                throw ValidationError("--collector.peer: \(error).")
            }
        })
    var peers: [Peer] = []

    @Option(
        name: .customLong("collector.peer.file"),
        help: ArgumentHelp(
            "File with more peers, one name=cidr[:port] a line; lines that begin with # are comments.",
            valueName: "path"),
        completion: .file())
    var peerFile: String?

    @Option(
        name: .customLong("collector.holders"),
        help: ArgumentHelp(
            "How the processes that hold sockets are found: auto uses BPF where that is cheaper and "
                + "permitted, and /proc elsewhere; bpf fails at the start where it is not permitted; "
                + "procfs does not use BPF for kernel TLS either."
        ))
    var holders = HolderMode.auto

    @Option(
        name: .customLong("collector.netns"),
        help: ArgumentHelp(
            "Network namespaces to read: only the exporter's own, or all that have a name or a "
                + "process, which needs CAP_SYS_ADMIN. Each costs one dump of the host's sockets. "
                + "Those without a name are called by their container or pod.")
    )
    var networkNamespaces = NetworkNamespaceScope.own

    func validate() throws {
        for (name, limit) in [("module", moduleLimit), ("listener", listenerLimit)]
        where limit < 0 {
            throw ValidationError("--collector.\(name).limit \(limit) must not be negative.")
        }
        let range = ScraperOptions.pathByteCountRange
        guard modulePathBytes == 0 || range.contains(modulePathBytes) else {
            throw ValidationError(
                "--collector.module.path-label-bytes \(modulePathBytes) must be 0, or between "
                    + "\(range.lowerBound) and \(range.upperBound).")
        }
    }

    /// The collectors that are enabled.
    var names: Set<CollectorName> {
        let switches: [(CollectorName, Bool?)] = [
            (.state, state), (.module, module), (.offload, offload), (.queue, queue),
            (.listener, listener), (.ephemeralPort, ephemeralPort),
            // Nothing is collected without a peer, and naming one enables it.
            (.peer, true),
        ]
        return Set(switches.filter { $0.1 ?? !disablesDefaults }.map(\.0))
    }

    /// Puts them into the scraper's options.
    ///
    /// - Throws: When the file of peers cannot be read, or peers contradict each other.
    func apply(to options: inout ScraperOptions) throws {
        options.collectors = names
        options.moduleLimit = moduleLimit
        options.modulePathByteCountMax = includesModulePaths ? modulePathBytes : 0
        options.listenerLimit = listenerLimit
        options.countsListenerConnections = countsListenerConnections
        options.peers = try PeerTable(peers + (peerFile.map(PeerFile.peers) ?? []))
        options.moduleChoice = ModuleChoice(included: includedModules, excluded: excludedModules)
        options.networkNamespaces = networkNamespaces
    }
}

/// What containers are called.
enum ContainerNameMode: String, CaseIterable, ExpressibleByArgument {
    case auto
    case off
}

/// The error is for the command line.
private func modulePattern(_ text: String) throws -> Pattern {
    do throws(PatternError) { return try Pattern(text) } catch {
        throw ValidationError("'\(text)' is no regular expression: \(error.explanation)")
    }
}

extension NetworkNamespaceScope: ExpressibleByArgument {}

/// How the processes that hold sockets are found.
enum HolderMode: String, CaseIterable, ExpressibleByArgument {
    case auto
    case bpf
    case procfs
}
