import Testing

@testable import Exporter

struct ScrapeDeadlineTests {
    @Test(arguments: [
        ("10", 9.5), ("10.000000", 9.5), ("1", 0.5), ("0.5", 0.25), ("3600", 3599.5), (".5", 0.25),
    ])
    func theTimeoutIsKeptLessAMargin(_ header: String, _ seconds: Double) {
        #expect(ScrapeDeadline.seconds(header) == seconds)
    }

    @Test(arguments: [
        nil, "", " ", "0", "0.0", "-1", "+1", "nan", "inf", "1e3", "0x10", "10s", "1.2.3", ".",
        "3600.1", "99999999999", "1, 2", "١", String(repeating: "1", count: 1000),
        "0." + String(repeating: "0", count: 40) + "1",
    ])
    func invalidTimeoutsAreIgnored(_ header: String?) {
        #expect(ScrapeDeadline.seconds(header) == nil)
    }
}
