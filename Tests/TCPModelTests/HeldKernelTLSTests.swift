import HostFakes
import TableFakes
import Testing

@testable import Procfs
@testable import SockDiag
@testable import TCPModel

/// Kernel TLS that is seen on the sockets that processes hold, and when netlink is asked besides.
struct HeldKernelTLSTests {
    private let proc: FakeHost
    private let held = MadeUpHeldKernelTLS()
    private let kernel = TLSKernel(
        [.init(cookie: 7, inode: 70), .init(cookie: 8, inode: 80), .init(cookie: 9, inode: 90)],
        informed: [
            .init(cookie: 7, inode: 70, attributes: TLSKernel.Socket.told),
            .init(cookie: 9, inode: 90, attributes: TLSKernel.Socket.told),
        ])

    init() throws {
        proc = try FakeHost()
        try proc.set(kernelRelease: "6.12.0\n")
        try proc.putOwnNetworkNamespace()
        held.sockets = [70: Self.tls(.device, .software)]
    }

    private static func tls(
        _ transmit: KernelTLS.Mode, _ receive: KernelTLS.Mode, isHandedBack: Bool = false
    ) -> KernelTLS {
        KernelTLS(transmit, receive, isHandedBack: isHandedBack)
    }

    private func read(
        allowsBlocking: Bool = false
    ) throws -> (rows: [TCPConnection], outcome: DumpOutcome) {
        var table = SockDiagSource(
            ProcFS(root: proc.procRoot), dump: kernel.dump,
            kernelTLSDump: kernel.kernelTLSDump(), held: held, allowsBlocking: allowsBlocking)
        let (rows, _, outcome) = try table.rows()
        return (rows, outcome)
    }

    @Test func whereNoConnectionHasItNothingIsLookedAt() throws {
        try proc.set(tlsStatistics: "TlsCurrTxSw 0\n")
        _ = try read()
        #expect(held.namespaces == [])
        #expect(kernel.requests == [.table])
    }

    @Test func whereProcessesHoldAllNetlinkIsNotAsked() throws {
        try proc.set(tlsStatistics: "TlsCurrTxDevice 1\nTlsCurrRxSw 1\nTlsTxDevice 5\nTlsRxSw 5\n")
        let (rows, outcome) = try read()
        #expect(rows.map(\.tls) == [Self.tls(.device, .software), nil, nil])
        #expect(rows.map(\.offloadState) == [.offloaded, .inHost, .inHost])
        #expect(outcome == DumpOutcome())
        #expect(kernel.requests == [.table])
        let namespace = try #require(ProcFS(root: proc.procRoot).networkNamespaceInode)
        #expect(held.namespaces == [namespace])
    }

    @Test func nothingIsUnknownWhereALockedSocketWouldBlockEveryDump() throws {
        try proc.set(kernelRelease: "6.1.0-56\n")
        try proc.set(tlsStatistics: "TlsCurrTxDevice 1\nTlsCurrRxSw 1\n")
        let (rows, outcome) = try read()
        #expect(rows[0].offloadState == .offloaded)
        #expect(outcome == DumpOutcome())
    }

    @Test func whatTheDeviceHasHandedBackIsUploading() throws {
        held.sockets[70] = Self.tls(.device, .software, isHandedBack: true)
        try proc.set(tlsStatistics: "TlsCurrTxDevice 1\nTlsCurrRxSw 1\n")
        #expect(try read().rows.map(\.offloadState) == [.uploading, .inHost, .inHost])
    }

    @Test(arguments: ["TxSw", "RxSw", "TxDevice", "RxDevice"])
    func forWhatNoProcessHoldsNetlinkIsAskedBesides(_ counter: String) throws {
        held.sockets = [70: Self.tls(.device, .device, isHandedBack: true)]
        try proc.set(tlsStatistics: "TlsCurr\(counter) 2\n")
        let (rows, outcome) = try read()
        #expect(rows[0].offloadState == .uploading)
        #expect(rows.map { $0.tls != nil } == [true, false, true])
        #expect(outcome == DumpOutcome())
        // The first look may have missed one that went from one process to another.
        #expect(held.namespaces.count == 2)
        #expect(kernel.requests == [.kernelTLS, .table])
    }

    @Test func whatASecondLookSeesNetlinkIsNotAskedFor() throws {
        try proc.set(tlsStatistics: "TlsCurrTxDevice 2\nTlsCurrRxSw 2\n")
        let held = held
        held.onLook = { count in
            if count == 2 { held.sockets[90] = Self.tls(.device, .software) }
        }
        #expect(try read().rows.map { $0.tls != nil } == [true, false, true])
        #expect(kernel.requests == [.table])
    }

    /// Each look may miss those alone that got kernel TLS during it.
    @Test(arguments: [(opened: 3, isAsked: false), (opened: 2, isAsked: true)])
    func whatBeginsMeanwhileIsNotMissing(_ opened: Int, _ isAsked: Bool) throws {
        try proc.set(tlsStatistics: "TlsCurrTxDevice 1\nTlsTxDevice 10\n")
        let proc = proc
        held.onLook = { _ in
            try? proc.set(tlsStatistics: "TlsCurrTxDevice 4\nTlsTxDevice \(10 + opened)\n")
        }
        _ = try read()
        #expect(kernel.requests.contains(.kernelTLS) == isAsked)
    }

    @Test func whereNetlinkDoesNotTellTheRestNothingIsKnown() throws {
        try proc.set(kernelRelease: "6.1.0-56\n")
        try proc.set(tlsStatistics: "TlsCurrTxDevice 2\n")
        #expect(try read().outcome.offloadProblem == .blocking)
        #expect(try read(allowsBlocking: true).outcome.offloadProblem == nil)
    }

    @Test func whereNetlinkMayNotTellTheRestThatIsSaid() throws {
        let kernel = TLSKernel([.init(cookie: 7, inode: 70)])
        try proc.set(tlsStatistics: "TlsCurrTxDevice 2\n")
        var table = SockDiagSource(
            ProcFS(root: proc.procRoot), dump: kernel.dump,
            kernelTLSDump: kernel.kernelTLSDump(), held: held)
        #expect(try table.rows().outcome.offloadProblem == .heldByNoProcess)
        held.error = .unavailable
        #expect(try table.rows().outcome.offloadProblem == .capabilityMissing)
    }

    @Test func whereItIsNotAllowedNetlinkIsAskedAndNothingIsSaid() throws {
        held.error = .unavailable
        try proc.set(tlsStatistics: "TlsCurrTxDevice 1\n")
        let (rows, outcome) = try read()
        #expect(rows.map { $0.tls != nil } == [true, false, true])
        #expect(outcome == DumpOutcome())
    }

    @Test func whereItFailsNetlinkIsAskedAndThatIsSaid() throws {
        held.error = .failed("the iterator failed")
        try proc.set(tlsStatistics: "TlsCurrTxDevice 1\n")
        let (rows, outcome) = try read()
        #expect(rows.map { $0.tls != nil } == [true, false, true])
        #expect(
            outcome.problems == ["the iterator failed; netlink is asked for kernel TLS instead"])
    }

    /// A socket that is closed meanwhile gives its inode away; what has it then is another.
    @Test func aRowThatIsNotConnectedIsNotCompleted() throws {
        try proc.set(tlsStatistics: "TlsCurrTxDevice 1\n")
        let kernel = TLSKernel([.init(cookie: 7, inode: 70, state: 10), .init(cookie: 8)])
        var table = SockDiagSource(
            ProcFS(root: proc.procRoot), dump: kernel.dump, held: held)
        #expect(try table.rows().rows.map { $0.tls != nil } == [false, false])
    }
}

/// What a test says that processes hold.
private final class MadeUpHeldKernelTLS: HeldKernelTLSSource, @unchecked Sendable {
    // One test's, on one thread.
    var sockets: [UInt32: KernelTLS] = [:]
    var error: HeldKernelTLSError?
    var onLook: (Int) -> Void = { _ in }
    private(set) var namespaces: [UInt64] = []

    func sockets(
        in namespace: UInt64
    ) throws(HeldKernelTLSError) -> [SocketInode: KernelTLS] {
        namespaces.append(namespace)
        onLook(namespaces.count)
        if let error { throw error }
        return Dictionary(
            uniqueKeysWithValues: sockets.map { (SocketInode(rawValue: $0.key), $0.value) })
    }
}
