import Foundation
import HostFakes
import TableFakes
import Testing

@testable import Listing
@testable import TCPModel

/// Summaries of rows by what they have in common.
struct GroupTests {
    private static func stage() throws -> Stage {
        let stage = try Stage([
            // In an order that no kernel has: listeners last.
            .row(.established, at: "10.0.0.1", port: 443, inode: 1).to("10.0.0.2", 5000),
            .row(.established, at: "::ffff:10.0.0.1", port: 8080, inode: 2)
                .to("::ffff:10.0.0.2", 5001),
            .row(.established, at: "10.0.0.1", port: 40_000, inode: 3, userID: 65534)
                .to("10.0.0.3", 443),
            .row(.timeWait, at: "10.0.0.1", port: 443).to("10.0.0.4", 5002),
            .row(.synSent, at: "10.0.0.1", port: 443, inode: 4).to("10.0.0.5", 80),
            .row(.listen, at: "0.0.0.0", port: 443, inode: 5),
            .row(.listen, at: "::", port: 8080, inode: 6),
            .row(.close, at: "127.0.0.1", port: 7, inode: 7),
        ])
        try stage.host.put(10, .init(executable: "/bin/web", sockets: [3: 1, 4: 2, 5: 5, 6: 6]))
        try stage.host.put(11, .init(executable: "/bin/client", sockets: [3: 3, 4: 4, 5: 7]))
        return stage
    }

    private static func rows(_ summary: ListingOptions.Summary) throws -> [[String]] {
        try stage().lines { $0.summary = summary }.map(cells)
    }

    @Test func connectionsAreIncomingWhereSomebodyListens() throws {
        #expect(
            try Self.rows(.direction) == [
                ["DIRECTION", "CLOSE", "LISTEN", "SYN_SENT", "ESTABLISHED", "TIME_WAIT", "TOTAL"],
                ["incoming", "0", "0", "0", "2", "1", "3"],
                ["listening", "0", "2", "0", "0", "0", "2"],
                ["outgoing", "0", "0", "1", "1", "0", "2"],
                ["-", "1", "0", "0", "0", "0", "1"],
            ])
    }

    @Test func anIPv4MappedAddressIsTheSameRemoteHost() throws {
        let rows = try Self.rows(.remote)
        #expect(
            rows.map { [$0[0], $0.last ?? ""] } == [
                ["REMOTE", "TOTAL"], ["-", "3"], ["10.0.0.2", "2"], ["10.0.0.3", "1"],
                ["10.0.0.4", "1"], ["10.0.0.5", "1"],
            ])
    }

    @Test func thePortIsThatOfTheService() throws {
        let rows = try Self.rows(.port).dropFirst().map { "\($0[0]) \($0[2]) \($0.last ?? "")" }
        #expect(
            rows == [
                "443 incoming 3", "8080 incoming 2", "80 outgoing 1", "443 outgoing 1", "- - 1",
            ])
    }

    @Test func processesAreCountedOneByOne() throws {
        let rows = try Self.rows(.process).map { "\($0[0]) \($0[1]) \($0.last ?? "")" }
        #expect(rows == ["PROGRAM PID TOTAL", "web 10 4", "client 11 3", "(not_found) - 1"])
    }

    @Test func usersAreThoseWhomTheKernelKnows() throws {
        let objects = try Self.stage().objects { $0.summary = .user }
        #expect(objects.map { $0["total"] as? Int } == [6, 1, 1])
        #expect(objects[0]["user"] as? String == "root" && objects[0]["user_id"] as? Int == 0)
        #expect(objects[1]["user_id"] as? Int == 65534)
        #expect(objects[2]["user_id"] == nil || objects[2]["user_id"] is NSNull)
    }

    @Test func objectsSayTheSame() throws {
        let ports = try Self.stage().objects { $0.summary = .port }
        #expect(ports[0]["port"] as? Int == 443 && ports[0]["direction"] as? String == "incoming")
        let remotes = try Self.stage().objects { $0.summary = .remote }
        #expect(
            remotes.contains { $0["remote"] as? String == "10.0.0.2" && $0["total"] as? Int == 2 })
        let processes = try Self.stage().objects { $0.summary = .process }
        #expect(processes[0]["program"] as? String == "web" && processes[0]["pid"] as? Int == 10)
    }

    /// With a filter by owner, rows are counted after all are read.
    @Test(arguments: ListingOptions.Summary.allCases)
    func aFilterByOwnerCountsTheSameWay(_ summary: ListingOptions.Summary) throws {
        let stage = try Self.stage()
        let plain = try stage.objects {
            $0.summary = summary
            $0.filter.ports = [8080]
        }
        let filtered = try stage.objects {
            $0.summary = summary
            $0.filter.ports = [8080]
            $0.filter.modules = ["web"]
        }
        #expect(plain.map { $0 as NSDictionary } == filtered.map { $0 as NSDictionary })
    }

    @Test func anEmptyListingSaysWhy() throws {
        let stage = try Self.stage()
        func word(_ change: (inout RowFilter) -> Void) throws -> String? {
            try stage.read { change(&$0.filter) }.emptiness
        }
        #expect(try word { $0.modules = ["we"] } == "no module 'we'; nearest: web")
        #expect(try word { $0.modules = ["zzzz"] } == "no module 'zzzz'")
        #expect(
            try word { $0.programs = [GlobPattern("clint")] }
                == "no process 'clint'; nearest: client")
        #expect(try word { $0.processes = [9] } == "no socket of process 9")
        #expect(try word { $0.states = [.closing] } == "no socket in state closing")
        #expect(try word { $0.ports = [1] } == "no socket with port 1")
        #expect(try word { $0.users = [77] } == "no socket of user 77")
        #expect(
            try word {
                $0.states = [.listen]
                $0.families = [.ipv4]
                $0.ports = [8080]
            } == "no socket matches all filters at once")
        #expect(try word { $0.ports = [443] } == nil)
        #expect(
            try stage.read {
                $0.summary = .state
                $0.filter.states = [.closing]
            }.emptiness == "no socket in state closing")
    }

    @Test func aNameInAMessageIsSafe() throws {
        let stage = try Stage([.row(port: 1, inode: 1)])
        try stage.host.put(10, .init(executable: "/bin/we\u{1B}[31m\n", sockets: [3: 1]))
        let word = try stage.read { $0.filter.modules = ["we"] }.emptiness
        #expect(word == #"no module 'we'; nearest: we\x1b[31m\x0a"#)
    }
}
