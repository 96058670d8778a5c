import HostFakes
import TableFakes
import Testing

@testable import Listing
@testable import TCPModel

struct SortTests {
    private static func stage() throws -> Stage {
        let stage = try Stage([
            .row(.established, at: "10.0.0.9", port: 9, inode: 1, queues: (5, 0)).to("9.9.9.9", 80),
            .row(.listen, at: "10.0.0.10", port: 1, inode: 2, queues: (0, 128)),
            .row(.timeWait, at: "::1", port: 3).to("10.0.0.1", 443),
        ])
        try stage.host.put(700, .init(executable: "/bin/b", sockets: [3: 1]))
        try stage.host.put(90, .init(executable: "/bin/a", sockets: [3: 2]))
        return stage
    }

    private static func ports(_ column: String, _ isDescending: Bool? = nil) throws -> [String] {
        try stage().lines { $0.sort = ColumnSort(column, isDescending: isDescending) }
            .dropFirst().map { String(cells($0)[1].split(separator: ":").last ?? "") }
    }

    @Test func addressesAreNumbers() throws {
        #expect(try Self.ports("local") == ["9", "1", "3"])
        #expect(try Self.ports("local", true) == ["3", "1", "9"])
        #expect(try Self.ports("remote") == ["1", "9", "3"])
    }

    @Test func numbersBeginWithTheLargest() throws {
        #expect(try Self.ports("recv-q").first == "9")
        #expect(try Self.ports("send-q").first == "1")
        #expect(try Self.ports("recv-q", false).last == "9")
    }

    @Test func rowsWithoutAValueAreLastInBothDirections() throws {
        #expect(try Self.ports("pid") == ["9", "1", "3"])
        #expect(try Self.ports("pid", false) == ["1", "9", "3"])
        #expect(try Self.ports("program") == ["1", "9", "3"])
        #expect(try Self.ports("module", true) == ["9", "1", "3"])
    }

    @Test func statesHaveTheOrderOfALife() throws {
        #expect(try Self.ports("state") == ["1", "9", "3"])
    }

    @Test func aSummaryIsSortedByAnyColumn() throws {
        let rows = try Self.stage().lines {
            $0.summary = .module
            $0.sort = ColumnSort("module")
        }
        #expect(rows.dropFirst().map { words($0)[0] } == ["a", "b", "(not_found)"])
        let byState = try Self.stage().lines {
            $0.summary = .module
            $0.sort = ColumnSort("time_wait")
        }
        #expect(words(byState[1])[0] == "(not_found)")
    }

    @Test func objectsHaveTheSameOrder() throws {
        let objects = try Self.stage().objects { $0.sort = ColumnSort("pid", isDescending: false) }
        #expect(objects.map { $0["pid"] as? Int } == [90, 700, nil])
    }
}
