import Foundation
import TableFakes
import Testing

@testable import Listing
@testable import TCPModel

struct ScreenTests {
    private static func lines(
        _ rowCount: Int, rowsMax: Int, columnsMax: Int = 100, problems: [String] = [],
        keys: String = "", remote: IPAddress = "0.0.0.0"
    ) throws -> [String] {
        let stage = try Stage(
            (0..<rowCount).map {
                .row(
                    .established, at: remote.family == .ipv6 ? "::1" : "127.0.0.1",
                    port: UInt16($0 + 1)
                ).to(remote, 443)
            })
        let listing = try stage.read()
        let history = WatchHistory(listing.content)
        var view = WatchView()
        var decoder = KeyDecoder()
        func screen() -> WatchScreen {
            WatchScreen(
                rows: WatchRows(history, view, .utf8), view: view, time: listing.time,
                problems: problems, rowsMax: rowsMax)
        }
        for key in decoder.keys(keys.utf8) {
            _ = view.press(
                key,
                WatchView.Frame(
                    rowCount: rowCount, pageRowCount: screen().pageRowCount,
                    columns: listing.content.columns))
        }
        var style = TextStyle(columnsMax: columnsMax)
        style.erasesLineEnds = true
        var bytes: [UInt8] = []
        bytes.append(screen: screen(), style)
        return text(bytes).components(separatedBy: "\n")
    }

    @Test(arguments: [0, 1, 5, 100], [1, 2, 3, 4, 5, 7, 8, 50])
    func theListingIsNeverHigherThanTheScreen(_ rowCount: Int, _ rowsMax: Int) throws {
        let lines = try Self.lines(rowCount, rowsMax: rowsMax)
        let others = rowsMax >= 5 ? 3 : 2
        #expect(lines.count == min(rowsMax, rowCount + others))
        let shownCount = max(0, min(rowCount, rowsMax - others))
        let count = shownCount > 0 && shownCount < rowCount ? "1-\(shownCount) of " : ""
        let status = lines[lines.count - (rowsMax >= 5 ? 2 : 1)]
        #expect(status.hasPrefix("\(count)\(rowCount) row"), "\(status)")
        #expect(status.contains(/, \d\d:\d\d:\d\d/))
        #expect(lines.last?.hasPrefix("q quit") == (rowsMax >= 5))
    }

    @Test(arguments: [1, 2, 3, 4, 5, 8, 13, 21, 34, 55, 60, 70, 80, 100, 120])
    func noLineIsWiderThanTheScreen(_ columnsMax: Int) throws {
        let remote: IPAddress = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"
        for keys in ["", "l", "ll", "/filter"] {
            let lines = try Self.lines(
                3, rowsMax: 9, columnsMax: columnsMax, keys: keys, remote: remote)
            for line in lines {
                let shown = line.replacing(/\u{1B}\[[0-9;]*[mK]/, with: "")
                #expect(width(shown) <= columnsMax, "\(columnsMax): \(shown)")
            }
        }
    }

    @Test func keysScrollToEveryRowAndColumn() throws {
        let lines = try Self.lines(100, rowsMax: 10, keys: "G")
        #expect(lines[7].contains("127.0.0.1:100 "))
        #expect(lines[8].hasPrefix("94-100 of 100 rows"))
        let remote: IPAddress = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"
        let narrow = try Self.lines(1, rowsMax: 9, columnsMax: 60, remote: remote)
        #expect(!narrow[0].contains("REMOTE") && narrow[0].contains("LOCAL"))
        let scrolled = try Self.lines(1, rowsMax: 9, columnsMax: 60, keys: "ll", remote: remote)
        #expect(scrolled[1].contains("[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:443"))
    }

    @Test func aFilterIsTypedInTheLastLine() throws {
        for rowsMax in [4, 10] {
            let last = try Self.lines(3, rowsMax: rowsMax, keys: "/ngi").last
            #expect(last?.hasPrefix("filter: ngi_  (Enter keeps it, Esc clears it)") == true)
        }
        let status = try Self.lines(3, rowsMax: 10, keys: "/:1\r")
        #expect(status.contains { $0.hasPrefix("1 row with ':1', ") })
    }

    @Test func theRestOfALineIsErasedUnlessItIsFull() throws {
        let lines = try Self.lines(3, rowsMax: 10)
        #expect(lines.dropLast().allSatisfy { $0.hasSuffix("\u{1B}[K") })
        let width = lines[0].dropLast(3).count
        let full = try Self.lines(3, rowsMax: 10, columnsMax: width)
        #expect(full[0] == String(lines[0].dropLast(3)))
    }

    @Test func problemsAreInTheStatusLineAndCut() throws {
        let problem = "owners are not known: \u{1B}[31m"
        let line = try Self.lines(1, rowsMax: 9, problems: [problem])[2]
        #expect(line.contains(#"owners are not known: \x1b[31m"#))
        let cut = try Self.lines(1, rowsMax: 9, columnsMax: 30, problems: [problem])
        #expect(cut[2].count == 30 && cut[2].hasSuffix("…"))
    }
}
