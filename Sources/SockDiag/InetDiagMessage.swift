import CLinux

/// One TCP socket as the kernel describes it (`struct inet_diag_msg`, `linux/inet_diag.h`), with the
/// attributes that this project reads.
///
/// A value without references: it is made for each row of a dump, lent to the reader, and gone.
package struct InetDiagMessage: Equatable, Sendable {
    /// `AF_INET` or `AF_INET6`, the socket's own family.
    package var family: UInt8
    /// The kernel's TCP state, `include/net/tcp_states.h`.
    package var state: UInt8
    package var source: InetDiagEndpoint
    package var destination: InetDiagEndpoint
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
    /// Whether the socket's mark was told, unasked: the kernel does so to whom it grants
    /// `CAP_NET_ADMIN` over the namespace, and to nobody else.
    package var isMarkTold = false
}

/// An address and a port.
public struct InetDiagEndpoint: Hashable, Sendable {
    /// The 16 bytes of the address in network order, as two words in memory order; an IPv4 address
    /// is the first four bytes, the others are zero.
    public var address: (UInt64, UInt64)
    /// In host order.
    public var port: UInt16

    /// An endpoint of an address as it lies in memory, and a port in host order.
    public init(address: (UInt64, UInt64), port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Whether address and port are the same.
    public static func == (a: Self, b: Self) -> Bool {
        a.address == b.address && a.port == b.port
    }

    /// Feeds address and port.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(address.0)
        hasher.combine(address.1)
        hasher.combine(port)
    }
}

extension InetDiagMessage {
    /// Decodes the payload of a `SOCK_DIAG_BY_FAMILY` or `TCPDIAG_GETSOCK` message.
    ///
    /// Payloads longer than this version knows are welcome, and so are unknown attributes: a newer
    /// kernel may send both.
    package init(_ bytes: RawSpan) throws(DecodeError) {
        try bytes.check("inet_diag_msg", at: 0, byteCount: Int(INET_DIAG_MSG_BYTES))
        self.init(whole: bytes, try InetDiagAttributes(of: bytes))
    }

    /// The same, with what earlier rows have taught about where attributes lie.
    @inline(__always)
    init(_ bytes: RawSpan, _ layouts: inout AttributeLayouts) throws(DecodeError) {
        try bytes.check("inet_diag_msg", at: 0, byteCount: Int(INET_DIAG_MSG_BYTES))
        if let attributes = layouts.attributes(of: bytes) {
            self.init(whole: bytes, attributes)
        } else {
            self.init(whole: bytes, try InetDiagAttributes(of: bytes))
            try layouts.learn(bytes)
        }
    }

    /// All fields at once, for a value that is changed after it was made is copied as well.
    @inline(__always)
    private init(whole bytes: RawSpan, _ attributes: InetDiagAttributes) {
        self.init(
            family: bytes.readChecked(UInt8.self, at: Int(INET_DIAG_MSG_FAMILY)),
            state: bytes.readChecked(UInt8.self, at: Int(INET_DIAG_MSG_STATE)),
            source: InetDiagEndpoint(
                checked: bytes, address: Int(INET_DIAG_MSG_SRC), port: Int(INET_DIAG_MSG_SPORT)),
            destination: InetDiagEndpoint(
                checked: bytes, address: Int(INET_DIAG_MSG_DST), port: Int(INET_DIAG_MSG_DPORT)),
            interfaceIndex: bytes.readChecked(UInt32.self, at: Int(INET_DIAG_MSG_IF)),
            cookie: bytes.readChecked(UInt64.self, at: Int(INET_DIAG_MSG_COOKIE)),
            receiveQueue: bytes.readChecked(UInt32.self, at: Int(INET_DIAG_MSG_RQUEUE)),
            sendQueue: bytes.readChecked(UInt32.self, at: Int(INET_DIAG_MSG_WQUEUE)),
            userID: bytes.readChecked(UInt32.self, at: Int(INET_DIAG_MSG_UID)),
            inode: bytes.readChecked(UInt32.self, at: Int(INET_DIAG_MSG_INODE)),
            cgroupID: attributes.cgroupID, upperLayerProtocol: attributes.upperLayerProtocol,
            isMarkTold: attributes.isMarkTold)
    }
}

/// What the attributes of a row say, as far as this project reads them.
struct InetDiagAttributes {
    var cgroupID: UInt64?
    var upperLayerProtocol: UpperLayerProtocol?
    var isMarkTold = false
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
                isMarkTold = true
            case Int(CLINUX_INET_DIAG_ULP_INFO):
                upperLayerProtocol = try UpperLayerProtocol(row.extracting(attribute.payload))
            default:
                break
            }
            offset = attribute.end
        }
    }
}

extension InetDiagEndpoint {
    @inline(__always)
    fileprivate init(checked bytes: RawSpan, address: Int, port: Int) {
        self.address = (
            bytes.readChecked(UInt64.self, at: address),
            bytes.readChecked(UInt64.self, at: address + 8)
        )
        self.port = UInt16(bigEndian: bytes.readChecked(UInt16.self, at: port))
    }
}
