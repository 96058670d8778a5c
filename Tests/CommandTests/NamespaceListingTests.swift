import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// `--netns` in namespaces that `ip netns` makes.
    @Suite(.requires(.networkNamespaces), .requires(.tool("ip")))
    struct NamespaceListing {
        private static let name = "tcptable-test-\(getpid())"

        /// A named namespace in which a program listens.
        private func withNamespace(_ body: () throws -> Void) throws {
            let ip = toolPath("ip") ?? "ip"
            let made = try run(ip, ["netns", "add", Self.name])
            try #require(made.status == .exited(0), "\(made.standardError)")
            defer { _ = try? run(ip, ["netns", "delete", Self.name]) }
            let holder = try ChildProcess(
                "nsenter",
                ["--net=/run/netns/\(Self.name)", testProgram("tcptable_holder"), "listen"])
            try holder.awaitOutput("ready\n")
            defer { holder.send(SIGKILL) }
            try body()
        }

        private func objects(_ arguments: [String]) throws -> [[String: Any]] {
            try listedObjects(arguments)
        }

        @Test func oneIsListedByItsName() throws {
            try withNamespace {
                for options in [
                    ["--netns", Self.name], ["-N", Self.name], ["-N", Self.name, "-l"],
                ] {
                    let rows = try objects(options)
                    #expect(rows.count == 1)
                    #expect(rows.first?["netns"] as? String == Self.name)
                    #expect(rows.first?["program"] as? String == "tcptable_holder")
                }
                let counts = try objects(["-N", Self.name, "--by=state"])
                #expect(counts.compactMap { $0["total"] as? Int }.reduce(0, +) == 1)
                let text = try run(lister, ["-N", Self.name]).standardOutput
                #expect(text.split(separator: "\n").first?.hasSuffix("NETNS") == true)
            }
        }

        @Test func allAreListedWithTheirOwners() throws {
            try withNamespace {
                try inNewNetworkNamespace {
                    let held = try HeldSockets(.listen, .ipv4)
                    defer { held.close() }
                    let rows = try objects(["--netns", "all", "-l"])
                    let own = rows.filter { $0["netns"] is NSNull }
                    #expect(own.count == 1 && own.first?["pid"] as? Int32 == getpid())
                    let named = rows.filter { $0["netns"] as? String == Self.name }
                    #expect(named.map { $0["program"] as? String } == ["tcptable_holder"])
                    let counts = try objects(["--netns", "all", "-l", "--by=netns"])
                    let count = counts.first { $0["netns"] as? String == Self.name }
                    #expect(count?["total"] as? Int == 1)
                }
            }
        }

        @Test func anUnknownOneIsAnErrorWithTheNearest() throws {
            try withNamespace {
                let result = try run(lister, ["--netns", "tcptable-tset-\(getpid())"])
                #expect(result.status == .exited(1))
                #expect(result.standardOutput == "")
                #expect(
                    result.standardError.hasPrefix(
                        "tcptable: no network namespace 'tcptable-tset-\(getpid())'; nearest: "))
                #expect(result.standardError.contains(Self.name))
            }
        }

        @Test(.requires(.root), .requires(.tool("setpriv")))
        func withoutTheRightOnlyTheOwnIsListedAndTheReasonSaid() throws {
            try withNamespace {
                try inNewNetworkNamespace {
                    let result = try run(
                        toolPath("setpriv") ?? "setpriv",
                        ["--bounding-set=-sys_admin", "--inh-caps=-sys_admin", lister, "-N", "all"])
                    #expect(result.status == .exited(0))
                    let lines = result.standardError.split(separator: "\n")
                    #expect(lines.count { $0.contains("CAP_SYS_ADMIN is needed") } == 1)
                }
            }
        }
    }
}
