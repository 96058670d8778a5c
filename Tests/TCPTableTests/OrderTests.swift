import TableFakes
import Testing

@testable import TCPModel
@testable import TCPTable

/// The order of a table, against a naive reader of the rows' text.
struct OrderTests {
    /// Few different numbers, so that each part of the order decides somewhere.
    private func address(_ family: AddressFamily) -> IPAddress {
        let count = family == .ipv4 ? 4 : 16
        var bytes = [UInt8](repeating: 0, count: count)
        for _ in 0..<2 {
            bytes[Int.random(in: 0..<count)] = [0, 1, 127, 128, 255].randomElement() ?? 0
        }
        return IPAddress(bytes)
    }

    private var row: TCPConnection {
        let family = AddressFamily.allCases.randomElement() ?? .ipv4
        func port() -> UInt16 { [0, 1, 80, 255, 256, 32_767, 32_768, 65_535].randomElement() ?? 0 }
        return .row(at: address(family), port: port()).to(address(family), port())
    }

    /// The row as digits of the same length, so that the order of texts is that of numbers.
    private func text(_ row: TCPRow) -> String {
        func hex(_ number: some BinaryInteger, _ digits: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        func address(_ address: IPAddress) -> String {
            address.bytes.map { hex($0, 2) }.joined()
        }
        return (row.family == .ipv4 ? "4" : "6") + address(row.localAddress)
            + hex(row.localPort, 4) + address(row.remoteAddress) + hex(row.remotePort, 4)
    }

    @Test func fiveThousandMixedRowsAreInOrder() throws {
        let rows = (0..<5000).map { _ in row }
        var reader = TableReader(ScriptedTable(rows))
        let table = try reader.read()
        let ordered = table.ordered().map(text)
        #expect(ordered == table.map(text).sorted())
        #expect(Set(ordered).count > 4000)
        var sorted = table
        sorted.sort()
        #expect(sorted.map(text) == ordered)
    }

    @Test func orderKeepsEachRowsOwner() throws {
        let listener = TCPConnection.row(.listen, at: "9.9.9.9", port: 80)
        let rows = [listener] + (0..<100).map { _ in row }
        var reader = TableReader(ScriptedTable(rows))
        let table = try reader.read()
        func reasons(_ table: TCPTable) -> [String] {
            table.map { "\(text($0)) \($0.state.label) \($0.unattributedReason.debugDescription)" }
        }
        #expect(reasons(table.ordered()).sorted() == reasons(table).sorted())
        var sorted = table
        sorted.sort()
        #expect(reasons(sorted) == reasons(table.ordered()))
        #expect(reasons(table.ordered()) != reasons(table))
    }
}
