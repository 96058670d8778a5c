import Foundation
import TableFakes
import Testing

@testable import Listing
@testable import TCPModel

struct ScreenTests {
    private static func lines(
        _ rowCount: Int, rowsMax: Int, columnsMax: Int = 100, problems: [String] = []
    ) throws -> [String] {
        let stage = try Stage((0..<rowCount).map { .row(.listen, port: UInt16($0 + 1)) })
        var listing = try stage.read()
        listing.problems = problems
        var style = TextStyle(columnsMax: columnsMax)
        style.erasesLineEnds = true
        var bytes: [UInt8] = []
        bytes.append(screen: listing, rowsMax: rowsMax, style)
        return text(bytes).components(separatedBy: "\n")
    }

    @Test(arguments: [0, 1, 5, 100], [1, 2, 3, 7, 8, 50])
    func theListingIsNeverHigherThanTheScreen(_ rowCount: Int, _ rowsMax: Int) throws {
        let lines = try Self.lines(rowCount, rowsMax: rowsMax)
        #expect(lines.count == min(rowsMax, rowCount + 2))
        let hidden = max(0, rowCount - max(0, rowsMax - 2))
        let count = hidden > 0 ? "… \(hidden) more, " : "\(rowCount) row"
        #expect(lines.last?.hasPrefix(count) == true)
        #expect(lines.last?.contains(/, \d\d:\d\d:\d\d/) == true)
    }

    @Test func theRestOfALineIsErasedUnlessItIsFull() throws {
        let lines = try Self.lines(3, rowsMax: 10)
        #expect(lines.allSatisfy { $0.hasSuffix("\u{1B}[K") })
        let width = lines[1].dropLast(3).count
        let full = try Self.lines(3, rowsMax: 10, columnsMax: width)
        #expect(full[1] == String(lines[1].dropLast(3)))
    }

    @Test func problemsAreInTheStatusLineAndCut() throws {
        let problem = "owners are not known: \u{1B}[31m"
        let line = try #require(try Self.lines(1, rowsMax: 9, problems: [problem]).last)
        #expect(line.contains(#"owners are not known: \x1b[31m"#))
        let cut = try #require(
            try Self.lines(1, rowsMax: 9, columnsMax: 30, problems: [problem]).last)
        #expect(cut.count == 30 && cut.hasSuffix("…"))
    }
}
