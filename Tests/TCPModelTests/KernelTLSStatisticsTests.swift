import HostFakes
import SystemPackage
import TableFakes
import TestSupport
import Testing

@testable import Procfs
@testable import SockDiag
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

/// Whether the kernel is asked for what doubles the cost of a row.
struct KernelTLSQuestionTests {
    @Test func itIsAskedForOnlyWhereSomeConnectionHasIt() throws {
        let proc = try FakeHost()
        let kernel = RequestRecorder()
        var table = SockDiagSource(ProcFS(root: proc.procRoot), dump: kernel.dump)
        try table.readNothing()
        #expect(kernel.extensions == [0])
        try proc.set(tlsStatistics: "TlsCurrTxSw 0\nTlsTxSw 9\n")
        try table.readNothing()
        #expect(kernel.extensions == [0, 0])
        try proc.set(tlsStatistics: "TlsCurrTxSw 0\nTlsCurrRxSw 1\n")
        try table.readNothing()
        #expect(kernel.extensions == [0, 0, 2])
        try proc.set(tlsStatistics: "TlsCurrTxSw 0\nTlsCurrRxSw 0\n")
        try table.readNothing()
        #expect(kernel.extensions == [0, 0, 2, 0])
    }

    @Test func whereTheFileCannotBeReadTheQuestionIsAsked() throws {
        let proc = try FakeHost()
        try proc.set(tlsStatistics: "TlsCurrTxSw 0\n")
        let kernel = RequestRecorder()
        let outcomes = withEachCallFailing(.ioError) {
            var table = SockDiagSource(ProcFS(root: proc.procRoot), dump: kernel.dump)
            try table.readNothing()
        }
        #expect(outcomes.map(\.failedCall) == ["open", "read", "read", "close"])
        #expect(outcomes.allSatisfy { $0.descriptorsLeftOpen == 0 })
        #expect(throws: Never.self) { for outcome in outcomes { try outcome.result.get() } }
        #expect(kernel.extensions.prefix(4) == [2, 2, 2, 0])
    }
}

/// Whether the kernel's silence about kernel TLS is taken for what it is.
struct HiddenKernelTLSTests {
    /// INET_DIAG_ULP_INFO with the name "tls", INET_DIAG_MARK, INET_DIAG_SHUTDOWN.
    private static let told: [UInt8] = [12, 0, 19, 0, 8, 0, 1, 0, 0x74, 0x6C, 0x73, 0]
    private static let mark: [UInt8] = [8, 0, 15, 0, 0, 0, 0, 0]
    private static let other: [UInt8] = [5, 0, 8, 0, 0, 0, 0, 0]

    private func isHidden(
        _ rows: [[UInt8]], _ statistics: String = "TlsCurrTxSw 1\n", release: String? = "6.1.0-56\n"
    ) throws -> Bool {
        let proc = try FakeHost()
        try proc.set(tlsStatistics: statistics)
        if let release { try proc.set(kernelRelease: release) }
        let kernel = RequestRecorder(rows)
        var table = SockDiagSource(ProcFS(root: proc.procRoot), dump: kernel.dump)
        let (read, _, outcome) = try table.rows()
        #expect(read.count == rows.count)
        return outcome.offloadProblem == .capabilityMissing
    }

    @Test func anOlderKernelHidesItFromThoseWithoutTheRight() throws {
        #expect(try isHidden([Self.other, []]))
        #expect(try isHidden([], release: nil))
        #expect(try isHidden([Self.other], release: "6.14.9-amd64\n"))
    }

    @Test func whoHasTheRightIsToldTheMarksToo() throws {
        #expect(try !isHidden([Self.other, Self.mark]))
    }

    @Test func oneConnectionThatIsToldIsEnough() throws {
        #expect(try !isHidden([Self.other, Self.told, []]))
    }

    @Test(arguments: ["6.15.0-rc1\n", "6.18.2\n", "7.0\n"])
    func aNewerKernelHidesNothing(_ release: String) throws {
        #expect(try !isHidden([Self.other], release: release))
    }

    @Test func whereNoConnectionHasItNothingIsHidden() throws {
        #expect(try !isHidden([Self.other], "TlsCurrTxSw 0\n"))
    }
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

/// A kernel with some established IPv4 sockets, or none, that remembers which attributes it was asked
/// for (`idiag_ext`).
private final class RequestRecorder {
    private(set) var extensions: [UInt8] = []
    /// The attributes of each row.
    private let rows: [[UInt8]]

    init(_ rows: [[UInt8]] = []) { self.rows = rows }

    /// A header and its payload, in answer to a request.
    private func message(_ type: UInt8, _ request: [UInt8], _ payload: [UInt8]) -> [UInt8] {
        let byteCount = UInt8(16 + payload.count)
        return [byteCount, 0, 0, 0, type, 0, 2, 0] + request[8..<12] + [0, 0, 0, 0] + payload
    }

    var dump: TCPSocketDump {
        TCPSocketDump { () throws(ConnectionSourceError) in
            var answer: [UInt8] = []
            return NetlinkTransport(
                portID: 0,
                send: { request in
                    self.extensions.append(request[19])
                    let socket: [UInt8] = [2, 1] + Array(repeating: 0, count: 70)
                    answer = self.rows.flatMap { self.message(18, request, socket + $0) }
                    answer += self.message(3, request, [])  // NLMSG_DONE
                },
                receive: { buffer in
                    buffer.replaceSubrange(0..<answer.count, with: answer)
                    return NetlinkDatagram(byteCount: answer.count)
                })
        }
    }
}

extension SockDiagSource {
    fileprivate mutating func readNothing() throws(ConnectionSourceError) { _ = try rows() }
}
