import HostFakes
import TableFakes
import Testing

@testable import Listing
@testable import Owners
@testable import TCPModel

struct FilterTests {
    /// The local ports of the rows that are listed.
    private static func ports(_ change: (inout RowFilter) throws -> Void) throws -> [Int] {
        let stage = try Stage([
            .row(.listen, port: 1, inode: 1),
            .row(.established, port: 2, inode: 2).to("10.0.0.1", 80),
            .row(.closeWait, at: "::1", port: 3, inode: 3).to("::1", 81),
            .row(.timeWait, at: "::1", port: 4).to("::1", 80),
            .row(.established, port: 5, inode: 5, tls: KernelTLS(.device, .device)),
        ])
        let nginx = ":/system.slice/nginx.service"
        try stage.host.put(10, .init(cgroups: [nginx], sockets: [3: 1, 4: 2]))
        try stage.host.put(11, .init(executable: "/bin/nginx.service", sockets: [3: 3]))
        try stage.host.put(12, .init(executable: "/bin/a  b", sockets: [3: 5]))
        var filter = RowFilter()
        try change(&filter)
        return try stage.lines { $0.filter = filter }.dropFirst().compactMap {
            Int(cells($0)[1].split(separator: ":").last ?? "")
        }
    }

    @Test func withoutOneEveryRowIsListed() throws {
        #expect(try Self.ports { _ in } == [1, 2, 5, 3, 4])
    }

    @Test func aFilterMatchesAnyOfItsValues() throws {
        #expect(try Self.ports { $0.states = [.listen, .closeWait] } == [1, 3])
        #expect(try Self.ports { $0.families = [.ipv6] } == [3, 4])
        #expect(try Self.ports { $0.families = [.ipv4, .ipv6] } == [1, 2, 5, 3, 4])
        #expect(try Self.ports { $0.ports = [80, 3] } == [2, 3, 4])
        #expect(try Self.ports { $0.offloadStates = [.offloaded] } == [5])
        #expect(try Self.ports { $0.processes = [10, 12] } == [1, 2, 5])
    }

    @Test func anEndpointMatchesByNetworkAndPort() throws {
        #expect(try Self.ports { $0.remotes = try RowFilter.endpoints("10.0.0.0/8") } == [2])
        #expect(try Self.ports { $0.remotes = try RowFilter.endpoints("::1") } == [3, 4])
        #expect(try Self.ports { $0.remotes = try RowFilter.endpoints(":80") } == [2, 4])
        #expect(try Self.ports { $0.remotes = try RowFilter.endpoints("[::1]:80") } == [4])
        #expect(
            try Self.ports { $0.locals = try RowFilter.endpoints("127.0.0.0/8:1-2") } == [1, 2])
        #expect(try Self.ports { $0.remotes = try RowFilter.endpoints("0.0.0.0/0") } == [2])
    }

    @Test func aProgramMatchesByItsNameOrItsExecutables() throws {
        #expect(try Self.ports { $0.programs = [GlobPattern("program")] } == [1, 2])
        #expect(try Self.ports { $0.programs = [GlobPattern("ng*")] } == [3])
        #expect(try Self.ports { $0.programs = [GlobPattern("a??b")] } == [5])
        #expect(try Self.ports { $0.programs = [GlobPattern("?")] } == [])
    }

    @Test func theUserOfASocketThatTheKernelForgotIsNobody() throws {
        #expect(try Self.ports { $0.users = [0] } == [1, 2, 5, 3])
        #expect(try Self.ports { $0.users = [65534] } == [])
    }

    @Test func filtersAreCombined() throws {
        #expect(
            try Self.ports {
                $0.ports = [80]; $0.families = [.ipv6]
            } == [4])
        #expect(
            try Self.ports {
                $0.processes = [10]; $0.states = [.established]
            } == [2])
        #expect(
            try Self.ports {
                $0.processes = [10]; $0.modules = ["a  b"]
            } == [])
    }

    @Test(arguments: [
        ("nginx.service", [1, 2, 3]), ("service:nginx.service", [1, 2]),
        ("process:nginx.service", [3]), ("container:nginx.service", []), ("nginx", []),
        ("a  b", [5]), (#"a \x20b"#, [5]), ("(not_found)", [4]), ("(protected)", []), ("", []),
        ("ng*", [1, 2, 3]), ("*.service", [1, 2, 3]), ("n*x*v*e", [1, 2, 3]), ("*", [1, 2, 5, 3]),
        ("*nginx", []), ("nginx.service*e", []), ("ng*ng*", []), ("a*b", [5]), ("a **b", [5]),
    ])
    func aModuleMatchesByName(_ name: String, _ ports: [Int]) throws {
        #expect(try Self.ports { $0.modules = [name] } == ports)
    }

    /// Without /proc, the search fails with an error.
    @Test func ownersAreOnlySearchedForIfNeeded() throws {
        let stage = try Stage([.row(.established, inode: 1), .row(.listen, inode: 2)])
        try stage.host.put(10, .init(sockets: [3: 1]))
        stage.host.removeAll()
        let none = try stage.read { $0.filter.states = [.closeWait] }
        #expect(none.content.rowCount == 0)
        #expect(none.problems == [])
        #expect(try stage.read { $0.summary = .state }.problems == [])
        #expect(try !stage.read().problems.isEmpty)
    }

    @Test func severalValuesAreSeparatedByCommas() throws {
        #expect(try RowFilter.states("established,close_wait") == [.established, .closeWait])
        #expect(try RowFilter.ports("1,65535") == [1...1, 65535...65535])
        #expect(try RowFilter.processes("7") == [7])
        #expect(try RowFilter.families("ipv6,ipv4") == [.ipv6, .ipv4])
        #expect(try RowFilter.offloadStates("in_host") == [.inHost])
        #expect(
            try TCPState.allCases.allSatisfy { try RowFilter.states($0.label.description) == [$0] })
    }

    @Test(arguments: ["", ",", "listen,", "listen, close", "open", "\u{1B}"])
    func anInvalidStateIsRefusedWithTheStates(_ text: String) {
        let error = #expect(throws: InvalidArgument.self) { try RowFilter.states(text) }
        for state in TCPState.allCases {
            #expect(error?.description.contains(state.label.description) == true)
        }
    }

    @Test(arguments: ["", "0", "65536", "-1", "+1", " 1", "1,", "0x10", "99999999999999999999"])
    func anInvalidPortIsRefusedWithTheRange(_ text: String) {
        let error = #expect(throws: InvalidArgument.self) { try RowFilter.ports(text) }
        #expect(error?.description.contains("ports are from 1 to 65535") == true)
    }

    @Test(arguments: [("0.1", 100), ("1", 1000), (".5", 500), ("2.", 2000), ("3600", 3_600_000)])
    func aWatchHasAnInterval(_ text: String, _ milliseconds: Int) throws {
        #expect(try watchMilliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", "0", "0.09", "3600.1", "-1", "+1", "1e3", "0x1", "nan", "inf", "1,5", "1s", " 1",
        "1.2.3", ".",
    ])
    func anInvalidIntervalIsRefusedWithTheRange(_ text: String) {
        #expect(throws: InvalidArgument(description: "seconds are from 0.1 to 3600")) {
            try watchMilliseconds(text)
        }
    }
}
