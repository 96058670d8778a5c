import Foundation
import TestSupport
import Testing

/// The program in `Programs`, built once with each toolchain.
enum ContractProgram {
    private static let builds = Dictionary(
        uniqueKeysWithValues: Toolchain.allCases.map { toolchain in
            (toolchain, Result { try toolchain.compile(Sources.programs, to: "contract") })
        })

    /// Its path.
    static func path(_ toolchain: Toolchain) throws -> String {
        try #require(builds[toolchain]).get()
    }

    /// Runs a chapter in the calling thread's network namespace, and returns its output.
    @discardableResult
    static func run(_ chapter: Chapter, _ toolchain: Toolchain = .gcc) throws -> String {
        try run([path(toolchain)], [chapter])
    }

    /// Runs the chapter that measures stacks. Without optimization, Swift's runtime makes types when they are
    /// first used, in deep recursions.
    static func runMeasuringStack() throws -> String {
        var environment = ProcessInfo.processInfo.environment
        #if DEBUG
        environment["STACK_MAX"] = "65536"
        #else
        environment["STACK_MAX"] = "32768"
        #endif
        return try run([path(.gcc)], [.stack], environment)
    }

    /// Runs chapters under valgrind, one after the other: it takes seconds to start.
    ///
    /// Valgrind 3.19 gives up on the debug information that Swift writes (DWARF 5), so it has the
    /// library without. It names its temporary files after its process number, which is 1 in each
    /// chapter's namespace, so each run has a directory for them.
    static func runUnderValgrind(_ chapters: [Chapter]) throws {
        let files = FileManager.default
        let temporary = files.temporaryDirectory.appending(path: "valgrind-\(UUID().uuidString)")
        try files.createDirectory(at: temporary, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: temporary) }
        var environment = ProcessInfo.processInfo.environment
        environment["LD_LIBRARY_PATH"] = try strippedLibrary.get()
        environment["TMPDIR"] = temporary.path
        let suppressions = temporary.appending(path: "suppressions")
        try probeSuppression.write(to: suppressions, atomically: true, encoding: .utf8)
        _ = try run(
            [
                "valgrind", "-q", "--vgdb=no", "--error-exitcode=9",
                "--suppressions=\(suppressions.path)", path(.gcc),
            ], chapters, environment)
    }

    /// The library lets the kernel say whether a size can be written.
    private static let probeSuppression = """
        {
           probe
           Memcheck:Param
           futex(futex2)
           fun:syscall
           ...
           fun:clinux_rewrite_u32
        }

        """

    /// A chapter has a PID namespace to itself, and a /proc that shows it: nobody else takes a
    /// process number there, and what else the machine does, costs no time. Only rows that are
    /// compared with those of other programs need everybody's numbers.
    private static func run(
        _ program: [String], _ chapters: [Chapter],
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> String {
        let isolation = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
        let command =
            (chapters == [.rows] ? [] : isolation) + program + chapters.map(\.rawValue)
        let result = try TestSupport.run(
            command[0], Array(command.dropFirst()), environment: environment,
            timeout: .seconds(240))
        #expect(result.status == .exited(0), "\(result.standardError)")
        #expect(result.standardError == "")
        return result.standardOutput
    }

    /// The directory of the library without debug information.
    private static let strippedLibrary = Result {
        let directory = product("IPHelperWithoutDebugInformation")
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let name = "libIPHelper.so"
        let result = try TestSupport.run(
            "strip", ["--strip-debug", "-o", "\(directory)/\(name)", product(name)])
        try #require(result.status == .exited(0), "\(result.standardError)")
        return directory
    }
}

/// The chapters of the program; see `Programs/main.c`.
enum Chapter: String, Sendable {
    case arguments, bounds, growth, order, owners, rights, failures, messages, threads, forks, rows
    case stack, sandbox
    case firstForks = "first-forks"
}

/// Runs the body in a new network namespace with the sockets of the scenarios, in both families. The
/// programs are built before, as some sockets do not last for long.
func withSockets(
    _ scenarios: [SocketScenario], _ body: ([HeldSockets]) throws -> Void
) throws {
    _ = try ContractProgram.path(.gcc)
    try inNewNetworkNamespace {
        var held: [HeldSockets] = []
        defer { for sockets in held { sockets.close() } }
        for scenario in scenarios {
            for family in SocketFamily.allCases { held.append(try HeldSockets(scenario, family)) }
        }
        try body(held)
    }
}

/// Gives the loopback of the calling thread's namespace these addresses. IPv6 ones cannot be bound
/// until the kernel's own thread has looked at them (`man 8 ip-address`, tentative).
func addAddresses(_ addresses: [String]) throws {
    let ip = toolPath("ip") ?? "ip"
    for address in addresses {
        let added = try run(ip, ["address", "add", address, "dev", "lo"])
        try #require(added.status == .exited(0), "\(added.standardError)")
    }
    let deadline = ContinuousClock.now + .seconds(10)
    while try run(ip, ["-6", "address", "show", "dev", "lo", "tentative"]).standardOutput != "" {
        try #require(ContinuousClock.now < deadline, "the addresses are still tentative")
    }
}
