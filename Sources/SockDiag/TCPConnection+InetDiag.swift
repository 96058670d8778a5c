package import TCPModel

extension TCPConnection {
    /// - Throws: When family or state have values that were not asked for.
    @inline(__always)
    package init(_ message: borrowing InetDiagMessage) throws(DecodeError) {
        guard let family = AddressFamily(kernelValue: message.family) else {
            throw .unknownValue(field: "idiag_family", value: Int(message.family))
        }
        guard let state = TCPState(kernelValue: message.state) else {
            throw .unknownValue(field: "idiag_state", value: Int(message.state))
        }
        let tls: KernelTLS? =
            switch message.upperLayerProtocol {
            case .tls(let info): KernelTLS(info)
            case .other, nil: nil
            }
        self.init(
            local: message.source, remote: message.destination, cookie: message.cookie,
            cgroup: message.cgroupID.map(CgroupID.init), interfaceIndex: message.interfaceIndex,
            receiveQueue: message.receiveQueue, sendQueue: message.sendQueue,
            userID: message.userID,
            inode: message.inode == 0 ? nil : SocketInode(rawValue: message.inode),
            family: family, state: state, tls: tls)
    }
}

extension AddressFamily {
    /// `AF_INET` and `AF_INET6`, `bits/socket.h`.
    @inline(__always)
    fileprivate init?(kernelValue: UInt8) {
        switch kernelValue {
        case 2: self = .ipv4
        case 10: self = .ipv6
        default: return nil
        }
    }
}

extension TCPState {
    /// So far every kernel reports `TCP_NEW_SYN_RECV` (12) and `TCP_BOUND_INACTIVE` (13) as the states
    /// that they belong to; a kernel that reports them as they are means the same.
    @inline(__always)
    fileprivate init?(kernelValue: UInt8) {
        switch kernelValue {
        case 12: self = .synRecv
        case 13: self = .close
        default: self.init(rawValue: kernelValue)
        }
    }
}

extension KernelTLS {
    init(_ info: KernelTLSInfo) {
        self.init(
            version: Version(rawValue: info.version ?? 0),
            cipher: Cipher(rawValue: info.cipher ?? 0),
            transmit: Mode(kernelValue: info.transmit), receive: Mode(kernelValue: info.receive))
    }
}

extension KernelTLS.Mode {
    fileprivate init(kernelValue: UInt16?) {
        self = kernelValue.flatMap(UInt8.init(exactly:)).flatMap(Self.init) ?? .unknown
    }
}
