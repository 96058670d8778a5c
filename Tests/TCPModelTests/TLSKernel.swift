import Linux
import TCPModel

@testable import SockDiag

/// Plays a kernel with some IPv4 sockets, of which one dump gives the table and one kernel TLS.
final class TLSKernel: Sendable {
    struct Socket: Sendable {
        var cookie: UInt64 = 0
        var inode: UInt32 = 0
        /// `TCP_ESTABLISHED`.
        var state: UInt8 = 1
        var attributes: [UInt8] = []

        /// `INET_DIAG_ULP_INFO` with the name "tls".
        static let told: [UInt8] = [12, 0, 19, 0, 8, 0, 1, 0, 0x74, 0x6C, 0x73, 0]
        /// `INET_DIAG_MARK`.
        static let mark: [UInt8] = [8, 0, 15, 0, 0, 0, 0, 0]
        /// `INET_DIAG_SHUTDOWN`.
        static let other: [UInt8] = [5, 0, 8, 0, 0, 0, 0, 0]

        fileprivate var message: [UInt8] {
            // idiag_cookie is at 44, idiag_inode at 68.
            let cookie = (0..<8).map { UInt8(truncatingIfNeeded: self.cookie >> (8 * $0)) }
            let inode = (0..<4).map { UInt8(truncatingIfNeeded: self.inode >> (8 * UInt32($0))) }
            let start: [UInt8] = [2, state] + Array(repeating: 0, count: 42)
            return start + cookie + Array(repeating: 0, count: 16) + inode + attributes
        }
    }

    struct Request: Equatable, Sendable {
        /// `idiag_ext`.
        var extensions: UInt8
        /// `idiag_states`, its first two bytes.
        var states: [UInt8]

        static let table = Request(extensions: 0, states: [0xFE, 0x3F])
        static let kernelTLS = Request(extensions: 2, states: [0x32, 0x0B])
    }

    private struct State {
        var requests: [Request] = []
        /// Whether a program holds a socket's lock.
        var isLocked = false
        var answersNothing = false
    }

    private let state = ConditionLock(State())
    private let table: [Socket]
    private let informed: [Socket]

    /// - Parameter informed: What is answered where kernel TLS is asked for; nil is the same sockets.
    init(_ table: [Socket] = [], informed: [Socket]? = nil) {
        self.table = table
        self.informed = informed ?? table
    }

    var requests: [Request] { state.update(\.requests) }

    /// Has questions for kernel TLS wait, as long as a socket is locked.
    func lock() { state.update { $0.isLocked = true } }
    func unlock() { state.update { $0.isLocked = false } }

    /// Has questions for kernel TLS fail.
    func failToInform() { state.update { $0.answersNothing = true } }

    var dump: TCPSocketDump { TCPSocketDump(openTransport: open) }

    func kernelTLSDump(
        _ thread: KernelTLSThread = KernelTLSThread(), timeout: Duration = .seconds(60)
    ) -> KernelTLSDump {
        KernelTLSDump(thread: thread, timeout: timeout, openTransport: open)
    }

    @Sendable private func open() throws(ConnectionSourceError) -> NetlinkTransport {
        var answer: [UInt8] = []
        var isInforming = false
        return NetlinkTransport(
            portID: 0,
            send: { request in
                isInforming = request[19] != 0
                answer = self.answer(request)
            },
            receive: { (buffer) throws(ConnectionSourceError) in
                if isInforming { try self.waitForLock() }
                buffer.replaceSubrange(0..<answer.count, with: answer)
                return NetlinkDatagram(byteCount: answer.count)
            })
    }

    private func answer(_ bytes: [UInt8]) -> [UInt8] {
        let request = Request(extensions: bytes[19], states: Array(bytes[68..<70]))
        state.update { $0.requests.append(request) }
        let sockets = request.extensions == 0 ? table : informed
        let rows = sockets.flatMap { message(18, bytes, $0.message) }
        return rows + message(3, bytes, [])  // NLMSG_DONE
    }

    private func waitForLock() throws(ConnectionSourceError) {
        _ = state.wait { $0.isLocked ? nil : true }
        if state.update(\.answersNothing) { throw .endedEarly }
    }

    /// A header and its payload, in answer to a request.
    private func message(_ type: UInt8, _ request: [UInt8], _ payload: [UInt8]) -> [UInt8] {
        let byteCount = UInt8(16 + payload.count)
        return [byteCount, 0, 0, 0, type, 0, 2, 0] + request[8..<12] + [0, 0, 0, 0] + payload
    }
}
