/// Kernel TLS on one connection (`Documentation/networking/tls.rst`).
public struct KernelTLS: Hashable, Sendable {
    /// TLS 1.2 or 1.3.
    public var version: Version
    /// The cipher of the keyed directions.
    public var cipher: Cipher
    /// Where the bytes that are sent are encrypted.
    public var transmit: Mode
    /// Where the bytes that are received are decrypted.
    public var receive: Mode
    /// Whether the device that it was given to has handed it back: the host works on it in software, though
    /// the modes still say `device`. Nil where it is not known: only BPF tells it.
    public package(set) var isHandedBack: Bool?

    /// Whether it was given to the device, and nothing tells whether the device still has it.
    @inlinable package var mayBeHandedBack: Bool {
        isHandedBack == nil && (transmit.isOnDevice || receive.isOnDevice)
    }

    /// Where one direction is worked on (`TLS_CONF_*`, `net/tls.h`).
    public enum Mode: UInt8, CaseIterable, Sendable {
        /// TLS is set up and this direction has no keys yet.
        case none = 1
        case software = 2
        /// The device encrypts, the host's TCP segments.
        case device = 3
        /// The device does records and TCP; gone from Linux since 2026.
        case deviceRecord = 4
        /// A number that this version does not know, or none.
        case unknown = 0

        /// Whether the network card works on this direction.
        @inlinable public var isOnDevice: Bool { self == .device || self == .deviceRecord }

        /// The value of the label `mode`.
        public var label: StaticString {
            switch self {
            case .none: "none"
            case .software: "software"
            case .device: "device"
            case .deviceRecord: "device_record"
            case .unknown: "unknown"
            }
        }
    }

    /// The protocol version, as it stands in a record's header.
    public struct Version: Hashable, Sendable {
        /// The number as the kernel gives it: `0x0303` for TLS 1.2, `0x0304` for 1.3.
        public let rawValue: UInt16

        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// The value of the label `version`.
        public var label: StaticString {
            switch rawValue {
            case 0x0303: "1.2"
            case 0x0304: "1.3"
            default: "unknown"
            }
        }
    }

    /// `TLS_CIPHER_*`, `linux/tls.h`.
    public struct Cipher: Hashable, Sendable {
        /// The number as the kernel gives it.
        public let rawValue: UInt16

        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// The value of the label `cipher`, spelt as `ss` spells it.
        public var label: StaticString {
            switch rawValue {
            case 51: "aes-gcm-128"
            case 52: "aes-gcm-256"
            case 53: "aes-ccm-128"
            case 54: "chacha20-poly1305"
            case 55: "sm4-gcm"
            case 56: "sm4-ccm"
            case 57: "aria-gcm-128"
            case 58: "aria-gcm-256"
            default: "unknown"
            }
        }
    }

    /// Kernel TLS as these members describe it.
    package init(version: Version, cipher: Cipher, transmit: Mode, receive: Mode) {
        self.version = version
        self.cipher = cipher
        self.transmit = transmit
        self.receive = receive
    }
}
