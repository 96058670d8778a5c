import Procfs
import TestSupport

@testable import SockDiag
@testable import TCPConnections
@testable import TCPTable

/// A table that gives the same rows each time, or fails.
struct MadeUpTable: TCPTableSource {
    var rows: [TCPConnection] = []
    var outcome = TCPSocketDump.Outcome()
    var failure: SockDiagError?
    /// How often the table is begun before it comes to its end.
    var attempts = 1

    mutating func read(
        begin: () -> Void, body: (borrowing TCPConnection) -> Void
    ) throws(SockDiagError) -> TCPSocketDump.Outcome {
        for attempt in 1...attempts {
            begin()
            for row in rows.prefix(attempt == attempts ? rows.count : rows.count / 2) { body(row) }
        }
        if let failure { throw failure }
        return outcome
    }
}

extension TableReader<MadeUpTable> {
    /// A reader of the rows, on a host without processes.
    init(_ table: MadeUpTable) {
        self.init(
            source: table, procfs: ProcFS(root: "/nonexistent"),
            cgroupfs: CgroupFS(mount: "/nonexistent"))
    }
}

extension TCPConnection {
    /// A row at these addresses; all else is the same for all.
    init(
        _ local: IPAddress, _ localPort: UInt16, _ remote: IPAddress, _ remotePort: UInt16,
        state: TCPState = .established, inode: UInt32? = nil
    ) {
        self.init(
            local: InetDiagEndpoint(address: local.words, port: localPort),
            remote: InetDiagEndpoint(address: remote.words, port: remotePort), cookie: 1,
            cgroup: nil, receiveQueue: 0, sendQueue: 0, userID: 0,
            inode: inode.map(SocketInode.init), family: local.family, state: state, tls: nil)
    }
}

extension IPAddress {
    /// From 4 or 16 bytes in network order.
    init(_ bytes: [UInt8]) {
        let filled = bytes + Array(repeating: 0, count: 16 - bytes.count)
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
            UInt64(bigEndian: bytes.reduce(0) { $0 << 8 | UInt64($1) })
        }
        self.init(
            family: bytes.count == 4 ? .ipv4 : .ipv6,
            words: (word(filled[..<8]), word(filled[8...])))
    }
}
