import CLinux
import TCPModel

/// The upper-layer protocol that a TCP socket carries (`INET_DIAG_ULP_INFO`, `linux/inet_diag.h`).
package enum UpperLayerProtocol: Equatable, Sendable {
    /// Kernel TLS, with what it says of itself.
    case tls(KernelTLSInfo)
    /// Another one: MPTCP, SMC, ESP in TCP. None of them hands the connection to a device.
    case other
}

/// What kernel TLS says of one socket (`linux/tls.h`, `TLS_INFO_*`); nil is what it did not say.
package struct KernelTLSInfo: Equatable, Sendable {
    /// `0x0303` for TLS 1.2, `0x0304` for TLS 1.3.
    package var version: UInt16?
    /// `TLS_CIPHER_*`: 51 is AES-GCM-128.
    package var cipher: UInt16?
    /// `TLS_CONF_*` of the sending direction: 1 not keyed, 2 software, 3 device, 4 device record.
    package var transmit: UInt16?
    /// The same of the receiving direction.
    package var receive: UInt16?

    package init(
        version: UInt16? = nil, cipher: UInt16? = nil, transmit: UInt16? = nil,
        receive: UInt16? = nil
    ) {
        self.version = version
        self.cipher = cipher
        self.transmit = transmit
        self.receive = receive
    }
}

extension UpperLayerProtocol {
    /// Decodes the nested attributes of `INET_DIAG_ULP_INFO`.
    init(_ bytes: RawSpan) throws(DecodeError) {
        var tls: KernelTLSInfo?
        var isNamedTLS = false
        var offset = 0
        while offset < bytes.byteCount {
            let attribute = try NetlinkAttribute(in: bytes, at: offset)
            let payload = bytes.extracting(attribute.payload)
            switch Int(attribute.type) {
            case Int(CLINUX_INET_ULP_INFO_NAME): isNamedTLS = try payload.isNameTLS()
            case Int(CLINUX_INET_ULP_INFO_TLS): tls = try KernelTLSInfo(payload)
            default: break
            }
            offset = attribute.end
        }
        self = isNamedTLS || tls != nil ? .tls(tls ?? KernelTLSInfo()) : .other
    }
}

extension KernelTLSInfo {
    /// Decodes the nested attributes of `INET_ULP_INFO_TLS`.
    init(_ bytes: RawSpan) throws(DecodeError) {
        self.init()
        var offset = 0
        while offset < bytes.byteCount {
            let attribute = try NetlinkAttribute(in: bytes, at: offset)
            let payload = bytes.extracting(attribute.payload)
            switch Int(attribute.type) {
            case Int(CLINUX_TLS_INFO_VERSION): version = try payload.readTLS("TLS_INFO_VERSION")
            case Int(CLINUX_TLS_INFO_CIPHER): cipher = try payload.readTLS("TLS_INFO_CIPHER")
            case Int(CLINUX_TLS_INFO_TXCONF): transmit = try payload.readTLS("TLS_INFO_TXCONF")
            case Int(CLINUX_TLS_INFO_RXCONF): receive = try payload.readTLS("TLS_INFO_RXCONF")
            default: break
            }
            offset = attribute.end
        }
    }
}

extension RawSpan {
    fileprivate func readTLS(_ field: StaticString) throws(DecodeError) -> UInt16 {
        try read(UInt16.self, at: 0, field: field)
    }

    /// Whether the bytes are `tls`, with or without the terminating zero.
    fileprivate func isNameTLS() throws(DecodeError) -> Bool {
        let name: [UInt8] = [0x74, 0x6C, 0x73, 0]
        guard byteCount == 3 || byteCount == 4 else { return false }
        for offset in 0..<byteCount
        where try read(UInt8.self, at: offset, field: "INET_ULP_INFO_NAME") != name[offset] {
            return false
        }
        return true
    }
}
