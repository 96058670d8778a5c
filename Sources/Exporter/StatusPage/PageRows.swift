import Exposition
import TCPModel

/// A module with what it has.
struct ModuleRow {
    let module: PageModule
    var counts = PageCounts()
    /// Bytes.
    var receiveQueue = 0.0
    var sendQueue = 0.0

    subscript(state: TCPState) -> Double { counts[state] }

    func isReached(_ state: TCPState, _ threshold: AlertThreshold) -> Bool {
        threshold.isReached(by: counts[state])
    }

    /// Whether there are many established connections, and as many as attempts: a crawler or a busy proxy.
    var isMostlyEstablished: Bool {
        isReached(.established, .synSent) && counts[.established] >= counts[.synSent]
    }
}

/// A listener with what it has.
struct ListenerRow {
    let module: PageModule
    /// Those of its series, but for the namespace.
    let labels: LabelSet
    /// `0.0.0.0:80`, `[::1%lo]:80`.
    let place: String
    let port: String
    /// The connections in its accept queue, and the queue's limit.
    var length = 0.0
    var limit = 0.0
    var fullSocketCount = 0.0
    var socketCount = 0.0
    /// New connections that were dropped.
    var dropped = 0.0
    /// The connections that came in by it.
    var counts = PageCounts()

    init(_ sample: WrittenSample) {
        module = PageModule(sample)
        labels = LabelSet([
            ("module", sample["module"]), ("kind", sample["kind"]), ("family", sample["family"]),
            ("address", sample["address"]), ("interface", sample["interface"]),
            ("port", sample["port"]),
        ])
        port = sample["port"]
        let interface = sample["interface"].isEmpty ? "" : "%\(sample["interface"])"
        let bound = sample["address"] + interface
        if port == "other" {
            place = "all other \(sample["family"] == "ipv6" ? "IPv6" : "IPv4") listeners"
        } else {
            place = sample["family"] == "ipv6" ? "[\(bound)]:\(port)" : "\(bound):\(port)"
        }
    }

    subscript(state: TCPState) -> Double { counts[state] }

    /// How full the queue is; 1 is full to its limit, and may still take one.
    var fullness: Double { length / max(limit, 1) }

    /// What the alerts make of the queue.
    var queueLevel: Problem.Severity? {
        guard AlertThreshold.queueLimit.isReached(by: limit),
            AlertThreshold.queueLength.isReached(by: length),
            AlertThreshold.queueNearLimit.isReached(by: length / limit)
        else { return nil }
        return AlertThreshold.queueFull.isReached(by: length / limit) ? .critical : .warning
    }

    /// Whether nothing waits, was dropped or came in.
    var isIdle: Bool { length == 0 && dropped == 0 && counts.total == 0 }
}

/// The ephemeral ports of an address family.
struct PortsRow {
    var namespace: String
    var family: String
    var available: Double
    var used: Double
    /// Those toward the busiest destination.
    var busiest: Double

    var familyName: String { family == "ipv6" ? "IPv6" : "IPv4" }
    var usedPart: Double { used / max(available, 1) }
    var busiestPart: Double { busiest / max(available, 1) }
}
