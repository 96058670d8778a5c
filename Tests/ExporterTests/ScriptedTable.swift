import Foundation
import Procfs
import Synchronization
import TestSupport

@testable import SockDiag
@testable import TCPConnections

/// A table whose rows a test writes, and changes from one scrape to the next.
struct ScriptedTable: TCPTableSource {
    /// What the test and the table share.
    final class Script: Sendable {
        struct State: Sendable {
            var rows: [TCPConnection] = []
            var error: SockDiagError?
            var outcome = TCPSocketDump.Outcome()
            /// Rows of a first attempt that the kernel then calls off.
            var abandonedRows: [TCPConnection] = []
        }

        private let state = Mutex(State())

        /// What the next scrape sees.
        var next: State {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    let script: Script

    mutating func read(
        begin: () -> Void, body: (borrowing TCPConnection) -> Void
    ) throws(SockDiagError) -> TCPSocketDump.Outcome {
        let now = script.next
        if !now.abandonedRows.isEmpty {
            begin()
            for row in now.abandonedRows { body(row) }
        }
        begin()
        for row in now.rows { body(row) }
        if let error = now.error { throw error }
        return now.outcome
    }
}

/// A cookie is unique for a socket's life: each row that is made is another socket.
private let cookies = Atomic<UInt64>(1)

extension TCPConnection {
    /// A row as the kernel gives it; what a test leaves out does not matter to it.
    static func row(
        _ state: TCPState, _ family: AddressFamily = .ipv4, at local: String = "127.0.0.1",
        port: UInt16 = 4000, inode: UInt32? = nil, cgroup: UInt64? = nil,
        queues: (receive: UInt32, send: UInt32) = (0, 0), tls: KernelTLS? = nil
    ) -> TCPConnection {
        TCPConnection(
            local: InetDiagEndpoint(address: address(local), port: port),
            remote: InetDiagEndpoint(address: (0, 0), port: 0),
            cookie: cookies.add(1, ordering: .relaxed).newValue,
            cgroup: cgroup.map(CgroupID.init), receiveQueue: queues.receive,
            sendQueue: queues.send, userID: 0, inode: inode.map(SocketInode.init),
            family: family, state: state, tls: tls)
    }
}

/// An address' words, as `inet_pton(3)` reads it.
private func address(_ text: String) -> (UInt64, UInt64) {
    var words: (UInt64, UInt64) = (0, 0)
    let family = text.contains(":") ? AF_INET6 : AF_INET
    let isAddress = unsafe inet_pton(family, text, &words) == 1
    precondition(isAddress, "no address: \(text)")
    return words
}

extension KernelTLS {
    init(
        _ transmit: Mode, _ receive: Mode, version: UInt16? = 0x0304, cipher: UInt16? = 51
    ) {
        self.init(
            KernelTLSInfo(
                version: version, cipher: cipher, transmit: UInt16(transmit.rawValue),
                receive: UInt16(receive.rawValue)))
    }
}
