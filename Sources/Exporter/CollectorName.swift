/// The collectors that can be switched on and off, by the names that flags and labels use.
package enum CollectorName: String, CaseIterable, Sendable {
    case ephemeralPort = "ephemeral-port"
    case listener
    case module
    case offload
    case queue
    case state
}
