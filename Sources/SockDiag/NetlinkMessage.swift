import CLinux
import TCPModel

/// One message of a netlink datagram, without its bytes (`struct nlmsghdr`, `man 7 netlink`).
struct NetlinkMessage {
    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    let portID: UInt32
    /// Where the payload lies in the datagram.
    let payload: Range<Int>
    /// Where the next message begins: aligned, and never past the datagram's end.
    let end: Int

    /// Reads the header at `offset`; the whole message must lie within the datagram.
    @inline(__always)
    init(in datagram: RawSpan, at offset: Int) throws(DecodeError) {
        try datagram.check("netlink header", at: offset, byteCount: Int(NLMSGHDR_BYTES))
        let length = Int(datagram.readChecked(UInt32.self, at: offset + Int(NLMSGHDR_LEN)))
        guard length >= Int(NLMSGHDR_BYTES) else {
            throw .impossibleLength(field: "netlink message", offset: offset, length: length)
        }
        try datagram.check("netlink message", at: offset, byteCount: length)
        type = datagram.readChecked(UInt16.self, at: offset + Int(NLMSGHDR_TYPE))
        flags = datagram.readChecked(UInt16.self, at: offset + Int(NLMSGHDR_FLAGS))
        sequence = datagram.readChecked(UInt32.self, at: offset + Int(NLMSGHDR_SEQ))
        portID = datagram.readChecked(UInt32.self, at: offset + Int(NLMSGHDR_PID))
        payload = offset + Int(NLMSGHDR_BYTES)..<offset + length
        end = min(offset + alignedToFour(length), datagram.byteCount)
    }

    /// The kernel's error number in the payload of `NLMSG_ERROR` or `NLMSG_DONE`, positive; 0 when
    /// there is none. A dump that ends well may say so with an empty payload.
    func errorNumber(in datagram: RawSpan) throws(DecodeError) -> Int32 {
        guard !payload.isEmpty else { return 0 }
        let negated = try datagram.extracting(payload)
            .read(Int32.self, at: 0, field: "netlink error number")
        return negated == .min ? .max : abs(negated)
    }
}

/// One attribute of a message (`struct nlattr`).
struct NetlinkAttribute {
    /// The attribute's number, without the nesting and byte-order flags.
    let type: UInt16
    let payload: Range<Int>
    /// Where the next attribute begins.
    let end: Int

    @inline(__always)
    init(in bytes: RawSpan, at offset: Int) throws(DecodeError) {
        try bytes.check("netlink attribute header", at: offset, byteCount: Int(NLATTR_BYTES))
        let length = Int(bytes.readChecked(UInt16.self, at: offset + Int(NLATTR_LEN)))
        guard length >= Int(NLATTR_BYTES) else {
            throw .impossibleLength(field: "netlink attribute", offset: offset, length: length)
        }
        try bytes.check("netlink attribute", at: offset, byteCount: length)
        let flagged = bytes.readChecked(UInt16.self, at: offset + Int(NLATTR_TYPE))
        type = flagged & ~(UInt16(NLA_F_NESTED) | UInt16(NLA_F_NET_BYTEORDER))
        payload = offset + Int(NLATTR_BYTES)..<offset + length
        end = min(offset + alignedToFour(length), bytes.byteCount)
    }
}

/// `NLMSG_ALIGN` and `NLA_ALIGN`: both round up to four.
@inline(__always)
private func alignedToFour(_ length: Int) -> Int { (length + 3) & ~3 }
