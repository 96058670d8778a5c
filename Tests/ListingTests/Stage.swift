import Foundation
import HostFakes
import Linux
import Procfs
import TableFakes
import TestSupport
import Testing

@testable import Listing
@testable import TCPModel

/// A listing of a scripted table, with owners from a made-up /proc.
struct Stage {
    let script = ScriptedTable.Script()
    let host: FakeHost

    init(_ rows: [TCPConnection] = []) throws {
        host = try FakeHost()
        script.next.rows = rows
    }

    func reader(_ options: ListingOptions = ListingOptions()) -> ListingReader {
        ListingReader(
            options, source: ScriptedTable(script: script), resolver: host.resolver())
    }

    func read(_ change: (inout ListingOptions) -> Void = { _ in }) throws -> ListingResult {
        var options = ListingOptions()
        change(&options)
        var reader = reader(options)
        return try reader.read()
    }

    /// The listing's lines, the header first.
    func lines(
        _ style: TextStyle = TextStyle(), _ change: (inout ListingOptions) -> Void = { _ in }
    ) throws -> [String] {
        let listing = try read(change)
        return lines(listing.content, listing.order, style)
    }

    private func lines(
        _ content: some ListingContent, _ order: [Int]?, _ style: TextStyle
    ) -> [String] {
        var bytes: [UInt8] = []
        var layout = ColumnLayout(content, rows: 0..<content.rowCount, style)
        layout.writeHeader(to: &bytes)
        for row in order ?? Array(0..<content.rowCount) { layout.write(row: row, to: &bytes) }
        return text(bytes).components(separatedBy: "\n").dropLast()
    }

    /// The listing's objects, parsed by Foundation.
    func objects(
        time: WallTime? = nil, _ change: (inout ListingOptions) -> Void = { _ in }
    ) throws -> [[String: Any]] {
        let listing = try read {
            change(&$0)
            $0.isJSON = true
        }
        return try json(listing.content, listing.order, time).dropLast().map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    private func json(
        _ content: some ListingContent, _ order: [Int]?, _ time: WallTime?
    ) -> [String] {
        var bytes: [UInt8] = []
        for row in order ?? Array(0..<content.rowCount) {
            content.writeJSON(row: row, time, to: &bytes)
        }
        return text(bytes).components(separatedBy: "\n")
    }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// The cells of a line, which are separated by two or more spaces.
func cells(_ line: String) -> [String] {
    line.split(separator: #/  +/#).map { $0.trimmingCharacters(in: .whitespaces) }
}

/// The cells of a line whose cells contain no spaces.
func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

/// The width of a line on a terminal. These are the only wide characters in the tests.
func width(_ line: String) -> Int {
    line.unicodeScalars.reduce(0) { $0 + ((0x3000...0x9FFF).contains($1.value) ? 2 : 1) }
}
