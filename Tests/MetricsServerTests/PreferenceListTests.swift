import Testing

@testable import MetricsServer

struct PreferenceListTests {
    @Test func anElementHasANameParametersAndAQuality() {
        let list = PreferenceList(
            parsing: "Text/HTML ;\tLevel = 1;q=0.25 , x; a=\"b,c;\\\"d\\\\\";q=1.000;e")
        #expect(list.elements.map(\.name) == ["text/html", "x"])
        #expect(list.elements.map(\.quality) == [250, 1_000])
        #expect(list.elements[0]["level"] == "1")
        #expect(list.elements[1]["a"] == "b,c;\"d\\")
        #expect(list.elements[1]["e"] == nil && list.elements[1]["q"] == nil)
    }

    @Test(arguments: [
        ("1", 1_000), ("1.", 1_000), ("1.0", 1_000), ("1.000", 1_000), ("0", 0), ("0.", 0),
        ("0.000", 0), ("0.5", 500), (".5", 500), ("0.05", 50), ("0.001", 1), ("0.9999", 999),
        ("\"0.5\"", 500), (" 0.5 ", 500), ("0.00000000000000000000000000000001", 0),
    ])
    func aQualityIsANumberFrom0To1(_ text: String, _ thousandths: Int) {
        #expect(PreferenceList(parsing: "a;q=\(text)").elements.map(\.quality) == [thousandths])
        #expect(PreferenceList(parsing: "a;Q=\(text)").elements.map(\.quality) == [thousandths])
    }

    @Test(arguments: [
        "2", "1.001", "-0", "+1", "", ".", "x", "0.5x", "1e0", "0x1", "00.5", "0.5.5",
        "NaN", "٠.٥", "0.5\u{301}", "99999999999999999999",
    ])
    func withAnotherQualityTheElementIsLeftOut(_ text: String) {
        let list = PreferenceList(parsing: "a;q=\(text), other")
        #expect(!list.elements.contains { $0.name == "a" })
        #expect(list.elements.last?.name == "other")
    }

    @Test(arguments: ["", ",", " , ,\t,", ";", ";q=1", ";;;,;;"])
    func nothingSaidIsNoElement(_ text: String) {
        #expect(PreferenceList(parsing: text).elements == [])
    }

    @Test func aQuoteWithoutItsEndTakesTheRest() {
        let list = PreferenceList(parsing: "a, b;c=\"d, e")
        #expect(list.elements.map(\.name) == ["a", "b"])
        #expect(list.elements[1]["c"] == "\"d, e")
    }

    @Test func noTextIsTooOdd() {
        let pieces = [
            ",", ";", "=", "\"", "\\", "q", "q=", "0.", "1", "*", "*/*", "/", " ", "\t", "\0", "é",
            "gzip", "text/plain", "\u{301}", "🧨",
        ]
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0..<30)).map { _ in pieces.randomElement() ?? "" }
            let list = PreferenceList(parsing: text.joined())
            #expect(list.elements.allSatisfy { (0...1_000).contains($0.quality) })
            #expect(list.elements.allSatisfy { !$0.name.isEmpty })
        }
    }
}
