import ArgumentParser
import Exporter
import Patterns

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
            valueName: "path"))
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

    var moduleChoice: ModuleChoice {
        ModuleChoice(included: includedModules, excluded: excludedModules)
    }

    func validate() throws {
        guard moduleLimit >= 0 else {
            throw ValidationError("--collector.module.limit \(moduleLimit) must not be negative.")
        }
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
