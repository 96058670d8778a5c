import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Procfs
@testable import SockDiag
@testable import TCPConnections

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
        let proc = try FakeProc()
        let kernel = RequestRecorder()
        var table = KernelTCPTable(procfs: ProcFS(root: proc.root), dump: kernel.dump)
        try table.readNothing()
        #expect(kernel.extensions == [0])
        try proc.writeStatistics("TlsCurrTxSw 0\nTlsTxSw 9\n")
        try table.readNothing()
        #expect(kernel.extensions == [0, 0])
        try proc.writeStatistics("TlsCurrTxSw 0\nTlsCurrRxSw 1\n")
        try table.readNothing()
        #expect(kernel.extensions == [0, 0, 2])
        try proc.writeStatistics("TlsCurrTxSw 0\nTlsCurrRxSw 0\n")
        try table.readNothing()
        #expect(kernel.extensions == [0, 0, 2, 0])
    }

    @Test func whereTheFileCannotBeReadTheQuestionIsAsked() throws {
        let proc = try FakeProc()
        try proc.writeStatistics("TlsCurrTxSw 0\n")
        let kernel = RequestRecorder()
        let outcomes = withEachCallFailing(.ioError) {
            var table = KernelTCPTable(procfs: ProcFS(root: proc.root), dump: kernel.dump)
            try table.readNothing()
        }
        #expect(outcomes.map(\.failedCall) == ["open", "read", "read", "close"])
        #expect(outcomes.allSatisfy { $0.descriptorsLeftOpen == 0 })
        #expect(throws: Never.self) { for outcome in outcomes { try outcome.result.get() } }
        #expect(kernel.extensions.prefix(4) == [2, 2, 2, 0])
    }
}

/// A directory that looks like /proc as far as `tls_stat` goes; removed with the object.
private final class FakeProc {
    let root = NSTemporaryDirectory() + "proc-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(
            atPath: root + "/thread-self/net", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func writeStatistics(_ text: String) throws {
        try text.write(
            toFile: root + "/thread-self/net/tls_stat", atomically: true, encoding: .utf8)
    }
}

/// A kernel without sockets that remembers which attributes it was asked for (`idiag_ext`).
private final class RequestRecorder {
    private(set) var extensions: [UInt8] = []

    var dump: TCPSocketDump {
        TCPSocketDump { () throws(SockDiagError) in
            var end: [UInt8] = []
            return NetlinkTransport(
                portID: 0,
                send: { request in
                    self.extensions.append(request[19])
                    // NLMSG_DONE to the request's sequence number.
                    end = [16, 0, 0, 0, 3, 0, 2, 0] + request[8..<12] + [0, 0, 0, 0]
                },
                receive: { buffer in
                    buffer.replaceSubrange(0..<end.count, with: end)
                    return NetlinkDatagram(byteCount: end.count)
                })
        }
    }
}

extension KernelTCPTable {
    fileprivate mutating func readNothing() throws(SockDiagError) {
        _ = try read(begin: {}, body: { _ in })
    }
}
