import Testing

@testable import Listing

struct KeyTests {
    @Test(arguments: [
        ("\u{1B}[A", [Key.up]), ("\u{1B}OB", [.down]), ("\u{1B}[5~", [.pageUp]),
        ("\u{1B}[6~", [.pageDown]), ("\u{1B}[H", [.home]), ("\u{1B}[4~", [.end]),
        ("\u{1B}[C\u{1B}[D", [.right, .left]), ("q", [.character("q")]), ("\r", [.enter]),
        ("\u{7F}", [.backspace]), ("\u{1B}", [.escape]), ("é", [.character("é")]),
        ("\u{1B}[1;5A", []), ("\u{1B}[200~x", [.character("x")]), ("\u{1}\u{202E}", []),
        ("jj\u{1B}[Bk", [.character("j"), .character("j"), .down, .character("k")]),
        ("\u{1B}q", [.escape, .character("q")]),
    ])
    func bytesAreKeys(_ bytes: String, _ keys: [Key]) {
        var decoder = KeyDecoder()
        #expect(decoder.keys(bytes.utf8) == keys)
    }

    @Test func aSequenceMayComeInPieces() {
        var decoder = KeyDecoder()
        #expect(decoder.keys([0x1B, 0x5B]) == [])
        #expect(decoder.keys([0x35]) == [])
        #expect(decoder.keys([0x7E, 0x71]) == [.pageUp, .character("q")])
        #expect(decoder.keys([0xC3]) == [])
        #expect(decoder.keys([0xA9]) == [.character("é")])
    }

    @Test func bytesThatAreNoKeysDoNotStopTheNext() {
        var decoder = KeyDecoder()
        _ = decoder.keys([0x1B, 0x5B] + Array(repeating: 0x31, count: 100))
        #expect(decoder.keys("q".utf8) == [.character("q")])
        for byte in UInt8.min...UInt8.max where byte != 0x1B {
            var decoder = KeyDecoder()
            _ = decoder.keys([byte, byte, byte, byte])
            #expect(decoder.keys("zzzzq".utf8).last == .character("q"), "\(byte)")
        }
    }
}

struct WatchViewTests {
    private let frame = WatchView.Frame(
        rowCount: 100, pageRowCount: 10,
        columns: [
            Column(title: "STATE"), Column(title: "PID", isNumber: true),
            Column(title: "NETNS", isHidden: true),
        ])

    private func view(_ keys: String) -> WatchView {
        var view = WatchView()
        var decoder = KeyDecoder()
        for key in decoder.keys(keys.utf8) { _ = view.press(key, frame) }
        return view
    }

    @Test(arguments: [
        ("j", 1), ("jjk", 1), ("k", 0), (" ", 10), (" b", 0), ("G", 90), ("Gj", 90), ("Gg", 0),
        ("\u{1B}[6~\u{1B}[6~\u{1B}[A", 19), ("\u{1B}[F\u{1B}[5~", 80), ("x", 0),
    ])
    func keysScroll(_ keys: String, _ offset: Int) {
        #expect(view(keys).offset == offset)
    }

    @Test(arguments: [("l", 1), ("lll", 1), ("lh", 0), ("h", 0), ("\u{1B}[C", 1)])
    func keysScrollColumnsThatAreShown(_ keys: String, _ count: Int) {
        #expect(view(keys).scrolledColumns == count)
    }

    @Test func keysSort() {
        #expect(view(">").sort == ColumnSort("state"))
        #expect(view(">>").sort == ColumnSort("pid"))
        #expect(view(">>>").sort == nil)
        #expect(view("<").sort == ColumnSort("pid"))
        #expect(view("<r").sort == ColumnSort("pid", isDescending: false))
        #expect(view(">r").sort == ColumnSort("state", isDescending: true))
        #expect(view("r").sort == nil)
    }

    @Test func keysWriteAFilter() {
        #expect(view("/q").filter == "q" && view("/q").isTyping)
        #expect(view("/ab\u{7F}\r").filter == "a" && !view("/a\r").isTyping)
        #expect(view("/ab\u{1B}").filter == "")
        #expect(view("/ab\r\u{1B}").filter == "")
        #expect(view("/" + String(repeating: "a", count: 100)).filter.count == 64)
    }

    @Test func onlyQQuits() {
        var view = WatchView()
        #expect(view.press(.character("q"), frame) == .quit)
        #expect(view.press(.character("/"), frame) == .draw)
        #expect(view.press(.character("q"), frame) == .arrange)
    }

    @Test func aShorterListingMovesTheViewBack() {
        var view = view("G")
        var frame = frame
        frame.rowCount = 5
        view.clamp(frame)
        #expect(view.offset == 0)
    }
}
