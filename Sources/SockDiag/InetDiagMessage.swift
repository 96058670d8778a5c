import CLinux
package import TCPModel

/// One TCP socket as the kernel describes it (`struct inet_diag_msg`, `linux/inet_diag.h`), with the
/// attributes that this project reads.
///
/// A value without references: it is made for each row of a dump, lent to the reader, and gone.
package struct InetDiagMessage: Equatable, Sendable {
    /// `AF_INET` or `AF_INET6`, the socket's own family.
    package var family: UInt8
    /// The kernel's TCP state, `include/net/tcp_states.h`.
    package var state: UInt8
    package var source: TCPEndpoint
    package var destination: TCPEndpoint
    /// The interface that the socket is bound to, 0 for none.
    package var interfaceIndex: UInt32
    /// Unique for the socket's life, never used again.
    package var cookie: UInt64
    /// Bytes received and not yet read; of a listener the length of its accept queue.
    package var receiveQueue: UInt32
    /// Bytes written and not yet acknowledged; of a listener the limit of its accept queue.
    package var sendQueue: UInt32
    package var userID: UInt32
    /// The socket's inode number, 0 when no descriptor refers to it; used again after its life.
    package var inode: UInt32
    /// The inode number of the cgroup v2 directory that the socket was made in; nil when not told.
    package var cgroupID: UInt64?
    /// The upper-layer protocol on the socket; nil when there is none or it was not asked for.
    package var upperLayerProtocol: UpperLayerProtocol?
    /// Whether the kernel reported the socket's mark, which nobody asked for: it does so only for
    /// processes with `CAP_NET_ADMIN` over the namespace.
    package var hasMark = false
    /// How many packets the socket has dropped; nil when it was not asked for.
    package var droppedCount: UInt32?
}

extension InetDiagMessage {
    /// Decodes the payload of a `SOCK_DIAG_BY_FAMILY` or `TCPDIAG_GETSOCK` message.
    ///
    /// Payloads longer than this version knows are welcome, and so are unknown attributes: a newer
    /// kernel may send both.
    @inline(__always)
    package init(_ bytes: RawSpan) throws(DecodeError) {
        try bytes.check("inet_diag_msg", at: 0, byteCount: Int(INET_DIAG_MSG_BYTES))
        self.init(whole: bytes, try InetDiagAttributes(of: bytes))
    }

    /// All fields at once, for a value that is changed after it was made is copied as well.
    @inline(__always)
    private init(whole bytes: RawSpan, _ attributes: InetDiagAttributes) {
        self.init(
            family: bytes.readChecked(UInt8.self, at: Int(INET_DIAG_MSG_FAMILY)),
            state: bytes.readChecked(UInt8.self, at: Int(INET_DIAG_MSG_STATE)),
            source: TCPEndpoint(
                checked: bytes, address: Int(INET_DIAG_MSG_SRC), port: Int(INET_DIAG_MSG_SPORT)),
            destination: TCPEndpoint(
                checked: bytes, address: Int(INET_DIAG_MSG_DST), port: Int(INET_DIAG_MSG_DPORT)),
            interfaceIndex: bytes.readChecked(UInt32.self, at: Int(INET_DIAG_MSG_IF)),
            cookie: bytes.readChecked(UInt64.self, at: Int(INET_DIAG_MSG_COOKIE)),
            receiveQueue: bytes.readChecked(UInt32.self, at: Int(INET_DIAG_MSG_RQUEUE)),
            sendQueue: bytes.readChecked(UInt32.self, at: Int(INET_DIAG_MSG_WQUEUE)),
            userID: bytes.readChecked(UInt32.self, at: Int(INET_DIAG_MSG_UID)),
            inode: bytes.readChecked(UInt32.self, at: Int(INET_DIAG_MSG_INODE)),
            cgroupID: attributes.cgroupID, upperLayerProtocol: attributes.upperLayerProtocol,
            hasMark: attributes.hasMark, droppedCount: attributes.droppedCount)
    }
}

/// What the attributes of a row say, as far as this project reads them.
struct InetDiagAttributes {
    var cgroupID: UInt64?
    var upperLayerProtocol: UpperLayerProtocol?
    var hasMark = false
    var droppedCount: UInt32?
}

extension InetDiagAttributes {
    /// Goes from one attribute to the next, through a row of which the fixed part is known to be there.
    init(of row: RawSpan) throws(DecodeError) {
        var offset = Int(INET_DIAG_MSG_BYTES)
        while offset < row.byteCount {
            let attribute = try NetlinkAttribute(in: row, at: offset)
            switch Int(attribute.type) {
            case Int(CLINUX_INET_DIAG_CGROUP_ID):
                cgroupID = try row.extracting(attribute.payload)
                    .read(UInt64.self, at: 0, field: "INET_DIAG_CGROUP_ID")
            case Int(CLINUX_INET_DIAG_MARK):
                hasMark = true
            case Int(CLINUX_INET_DIAG_ULP_INFO):
                upperLayerProtocol = try UpperLayerProtocol(row.extracting(attribute.payload))
            case Int(CLINUX_INET_DIAG_SKMEMINFO):
                droppedCount = try row.extracting(attribute.payload)
                    .read(UInt32.self, at: Int(SK_MEMINFO_DROPS_OFFSET), field: "SK_MEMINFO_DROPS")
            default:
                break
            }
            offset = attribute.end
        }
    }
}

extension TCPEndpoint {
    @inline(__always)
    fileprivate init(checked bytes: RawSpan, address: Int, port: Int) {
        self.init(
            address: (
                bytes.readChecked(UInt64.self, at: address),
                bytes.readChecked(UInt64.self, at: address + 8)
            ), port: UInt16(bigEndian: bytes.readChecked(UInt16.self, at: port)))
    }
}
