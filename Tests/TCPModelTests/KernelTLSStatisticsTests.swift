import Procfs
import Testing

@testable import Procfs
@testable import TCPModel

struct KernelTLSStatisticsTests {
    /// The lines of net/tls/tls_proc.c, as Linux 6.12 prints them (`%-32s\t%lu`), with a number each.
    private static let sample = zip(
        [
            "TlsCurrTxSw", "TlsCurrRxSw", "TlsCurrTxDevice", "TlsCurrRxDevice", "TlsTxSw",
            "TlsRxSw", "TlsTxDevice", "TlsRxDevice", "TlsDecryptError", "TlsRxDeviceResync",
            "TlsDecryptRetry", "TlsRxNoPadViolation",
        ], UInt64(1)...)

    @Test func eachLineIsANameAndANumber() {
        let text = Self.sample.map { line($0, $1) }.joined()
        let statistics = KernelTLSStatistics(contents: Array(text.utf8))
        #expect(statistics.values.map(\.name) == Self.sample.map(\.0))
        #expect(statistics.values.map(\.value) == Self.sample.map(\.1))
        #expect(statistics.hasConnections)
    }

    @Test(arguments: [
        ("TlsCurrTxSw", true), ("TlsCurrRxSw", true), ("TlsCurrTxDevice", true),
        ("TlsCurrRxDevice", true), ("TlsCurrSomethingNew", true), ("TlsTxSw", false),
        ("TlsRxDeviceResync", false), ("TlsSomethingNew", false), ("NotTlsCurrTxSw", false),
    ])
    func onlyCurrentCountsAreConnections(_ name: String, _ isCurrent: Bool) {
        let text = line("TlsCurrTxSw", 0) + line(name, 1)
        #expect(KernelTLSStatistics(contents: Array(text.utf8)).hasConnections == isCurrent)
        let none = Array(line(name, 0).utf8)
        #expect(!KernelTLSStatistics(contents: none).hasConnections)
    }

    @Test(arguments: [
        "", "\n\n", "TlsCurrTxSw", "TlsCurrTxSw\n1", "TlsCurrTxSw -1\n", "TlsCurrTxSw 1 2\n",
        "TlsCurrTxSw 18446744073709551616\n", "TlsCurrTxSw 0x1\n", " 1\n", "1 TlsCurrTxSw\n",
    ])
    func linesOfAnotherShapeAreLeftOut(_ text: String) {
        let statistics = KernelTLSStatistics(contents: Array(text.utf8))
        #expect(statistics == KernelTLSStatistics(contents: []))
        #expect(!statistics.hasConnections)
    }

    @Test func noBytesAreTooOdd() {
        let statistics = KernelTLSStatistics(contents: [0xFF, 0x20, 0x31, 0x0A, 0x00, 0x20, 0x32])
        #expect(statistics.values.map(\.value) == [1, 2])
    }

    @Test func everyPrefixIsReadable() {
        let text = Array(Self.sample.map { line($0, $1) }.joined().utf8)
        for byteCount in 0...text.count {
            let values = KernelTLSStatistics(contents: Array(text.prefix(byteCount))).values
            #expect(values.count <= 12)
        }
    }
}

private func line(_ name: String, _ value: UInt64) -> String {
    let padding = String(repeating: " ", count: max(0, 32 - name.count))
    return "\(name)\(padding)\t\(value)\n"
}

struct KernelReleaseTests {
    @Test(arguments: [
        ("6.1.0-56-cloud-amd64\n", KernelRelease(6, 1)), ("6.12.107+deb12-amd64", .init(6, 12)),
        ("6.15-rc1", .init(6, 15)), ("10.0", .init(10, 0)),
    ])
    func itsFirstTwoNumbersCount(_ text: String, _ release: KernelRelease) {
        #expect(KernelRelease(text: Array(text.utf8)) == release)
    }

    @Test(arguments: ["", "6", "six.one", ".1", "6.", "-6.1", "99999999999999999999.1"])
    func anythingElseIsNone(_ text: String) {
        #expect(KernelRelease(text: Array(text.utf8)) == nil)
    }

    @Test func releasesAreOrderedByNumber() {
        #expect(KernelRelease(6, 9) < KernelRelease(6, 15))
        #expect(KernelRelease(5, 19) < KernelRelease(6, 1))
    }
}
