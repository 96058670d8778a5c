/// Who moves a connection's bytes: the host's stack, or the network card.
///
/// Named after Windows' `TCP_CONNECTION_OFFLOAD_STATE`. Linux knows one kind of offload: the
/// encryption of kernel TLS done by the device.
public enum OffloadState: UInt8, CaseIterable, Sendable {
    /// No kernel TLS, or kernel TLS with no direction on the device.
    case inHost = 0
    /// One direction on the device, and the other not yet keyed.
    case offloading = 1
    /// At least one direction on the device, and none without keys.
    case offloaded = 2
    /// Given to the device, and handed back to software, because the device went down. Where that is not known
    /// (`KernelTLS.isHandedBack`), it is one of the other two.
    case uploading = 3

    /// The value of the label `offload_state`.
    public var label: StaticString {
        switch self {
        case .inHost: "in_host"
        case .offloading: "offloading"
        case .offloaded: "offloaded"
        case .uploading: "uploading"
        }
    }

    /// A dense index below `OffloadState.count`.
    @inlinable package var index: Int { Int(rawValue) }

    /// How many offload states there are.
    @inlinable package static var count: Int { 4 }

    /// The state of a connection with the given kernel TLS; `nil` is a connection without.
    @inlinable public init(_ tls: KernelTLS?) {
        guard let tls else {
            self = .inHost
            return
        }
        let isOnDevice = tls.transmit.isOnDevice || tls.receive.isOnDevice
        let isWithoutKeys = tls.transmit == .none || tls.receive == .none
        self =
            switch (isOnDevice, isWithoutKeys) {
            case (false, _): .inHost
            case (true, _) where tls.isHandedBack == true: .uploading
            case (true, true): .offloading
            case (true, false): .offloaded
            }
    }
}
