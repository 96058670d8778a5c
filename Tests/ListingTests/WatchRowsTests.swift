import HostFakes
import TableFakes
import Testing

@testable import Listing
@testable import TCPModel

/// What a watch marks from one reading to the next.
struct WatchRowsTests {
    private static let first: [TCPConnection] = [
        .row(.listen, port: 1, cookie: 1), .row(.established, port: 2, cookie: 2).to("10.0.0.1", 9),
        .row(.established, port: 3, cookie: 3).to("10.0.0.1", 9),
    ]

    private static func history(
        _ next: [TCPConnection], _ summary: ListingOptions.Summary? = nil
    ) throws -> WatchHistory {
        let stage = try Stage(first)
        var history = WatchHistory(try stage.read { $0.summary = summary }.content)
        stage.script.next.rows = next
        history.advance(try stage.read { $0.summary = summary }.content)
        return history
    }

    /// The mark and the first two cells of each row.
    private static func rows(_ history: WatchHistory, _ view: WatchView = WatchView()) -> [String] {
        let rows = WatchRows(history, view, .utf8)
        var cells = CellBuffer()
        return (0..<rows.rowCount).map { row in
            cells.removeAll()
            rows.fill(&cells, row: row)
            #expect(cells.cells.count == rows.columns.count)
            return (0...2).map { text(Array(cells.text($0))) }.joined(separator: " ")
        }
    }

    @Test func theFirstListingHasNoMarks() throws {
        let stage = try Stage(Self.first)
        let rows = Self.rows(WatchHistory(try stage.read().content))
        #expect(rows.allSatisfy { $0.hasPrefix("  ") } && rows.count == 3)
    }

    @Test func newAndChangedAndGoneRowsAreMarked() throws {
        // In time_wait a connection has another cookie.
        let history = try Self.history([
            Self.first[0], .row(.timeWait, port: 2, cookie: 20).to("10.0.0.1", 9),
            .row(.listen, port: 4, cookie: 4),
        ])
        #expect(
            Self.rows(history) == [
                "  listen 127.0.0.1:1", "~ time_wait 127.0.0.1:2", "- established 127.0.0.1:3",
                "+ listen 127.0.0.1:4",
            ])
    }

    @Test func theMarksOfOneReadingAreGoneAfterTheNext() throws {
        let stage = try Stage([Self.first[0]])
        var history = try Self.history([Self.first[0]])
        #expect(Self.rows(history).count == 3)
        history.advance(try stage.read().content)
        #expect(Self.rows(history) == ["  listen 127.0.0.1:1"])
    }

    @Test func queuesAreNoChange() throws {
        var rows = Self.first
        rows[1].receiveQueue = 7
        #expect(try Self.rows(Self.history(rows)).allSatisfy { $0.hasPrefix("  ") })
    }

    @Test func aListenerIsKnownByItsSocket() throws {
        var rows = Self.first
        rows[0].cookie = 99
        #expect(
            try Self.rows(Self.history(rows)).prefix(2)
                == ["- listen 127.0.0.1:1", "+ listen 127.0.0.1:1"])
    }

    /// A state that no row has any more has no column.
    @Test func aGoneGroupFitsTheColumnsOfTheOthers() throws {
        let history = try Self.history([Self.first[0]], .remote)
        #expect(Self.rows(history) == ["- 10.0.0.1 0", "  - 1"] || Self.rows(history).count == 2)
        #expect(Self.rows(history).first { $0.hasPrefix("-") } == "- 10.0.0.1 0")
    }

    @Test func aFilterMatchesTheTextOfAnyCell() throws {
        let history = try Self.history(Self.first)
        var view = WatchView()
        let frame = WatchView.Frame(rowCount: 3, pageRowCount: 10, columns: history.current.columns)
        for key in [Key.character("/")] + "LISTEN".unicodeScalars.map(Key.character) {
            _ = view.press(key, frame)
        }
        #expect(Self.rows(history, view) == ["  listen 127.0.0.1:1"])
    }

    @Test func theSortedColumnHasAnArrow() throws {
        let history = try Self.history(Self.first)
        let sorted = WatchView(sort: ColumnSort("local", isDescending: true))
        #expect(WatchRows(history, sorted, .utf8).columns[2].title == "LOCAL▼")
        #expect(WatchRows(history, sorted, .ascii).columns[2].title == "LOCAL-")
        #expect(Self.rows(history, sorted).first == "  established 127.0.0.1:3")
    }
}
