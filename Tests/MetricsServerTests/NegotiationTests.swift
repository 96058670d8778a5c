import Testing

@testable import MetricsServer

struct NegotiationTests {
    @Test func anElementHasANameAVersionAndAQuality() {
        let list = PreferenceList(
            parsing: "Text/HTML ;\tVersion = \"1.0\";q=0.25 , x; a=b;Q=1.000;e,y")
        #expect(list.elements.map(\.name) == ["text/html", "x", "y"])
        #expect(list.elements.map(\.version) == ["1.0", nil, nil])
        #expect(list.elements.map(\.quality) == [0.25, 1, 1])
    }

    @Test(arguments: [
        ("1", 1), ("1.", 1), ("1.000", 1), ("0", 0), ("0.000", 0), ("0.5", 0.5), (".5", 0.5),
        ("0.001", 0.001), (" 0.5 ", 0.5),
    ])
    func aQualityIsANumberFrom0To1(_ text: String, _ quality: Double) {
        #expect(PreferenceList(parsing: "a;q=\(text)").elements.map(\.quality) == [quality])
    }

    @Test(arguments: [
        "2", "1.001", "-0", "+1", "", ".", "x", "0.5x", "1e0", "0x1", "0.5.5", "NaN", "٠.٥",
        "99999999999999999999",
    ])
    func withAnotherQualityTheElementIsLeftOut(_ text: String) {
        let list = PreferenceList(parsing: "a;q=\(text), other")
        #expect(list.elements.map(\.name) == ["other"])
    }

    @Test(arguments: ["", ",", " , ,\t,", ";", ";;;,;;"])
    func nothingSaidIsNoElement(_ text: String) {
        #expect(PreferenceList(parsing: text).elements == [])
    }

    @Test func noTextIsTooOdd() {
        let pieces = [
            ",", ";", "=", "\"", "\\", "q", "q=", "0.", "1", "*", "*/*", "/", " ", "\t", "\0", "é",
            "gzip", "text/plain", "version=", "\u{301}", "🧨",
        ]
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0..<30)).map { _ in pieces.randomElement() ?? "" }
            let list = PreferenceList(parsing: text.joined())
            #expect(list.elements.allSatisfy { (0...1).contains($0.quality) })
            #expect(list.elements.allSatisfy { !$0.name.isEmpty })
        }
    }

    /// curl, Go's client, browsers, Java's, Python's urllib.
    @Test(arguments: [
        ("gzip", true), ("GZip", true), ("gzip, deflate, br, zstd", true),
        ("deflate, gzip, br", true), ("gzip;q=1.0, identity;q=0.5, *;q=0", true),
        ("gzip;q=0.5, identity;q=0.5", true), ("br;q=1, gzip;q=0.001", true),
        ("", false), ("identity", false), ("deflate, br", false), ("gzip;q=0", false),
        ("gzip;q=0.5, identity", false), ("gzip;q=nonsense", false), ("gzipped", false),
        ("*", false),
    ])
    func gzipIsForThoseWhoPreferIt(_ header: String, _ isGzip: Bool) {
        #expect(ContentCoding.negotiated(header) == (isGzip ? .gzip : .identity))
    }

    @Test func whoSaysNothingGetsTheBytesAsTheyAre() {
        #expect(ContentCoding.negotiated(nil) == .identity)
    }
}
