import Exposition
import TCPModel

/// Counts the ephemeral ports in use, in all and toward one destination.
///
/// IPv4 is one space of ports, whether its sockets are IPv4 or IPv6 ones with mapped addresses.
/// Connections that came in use the port of their listener, and no other.
struct EphemeralPortCollector {
    /// Up to so many destinations, the busiest one is known exactly. 4,096 of them take 240 KB.
    static let destinationsMax = 4096

    /// One end, from which ports run out toward the other.
    struct Route: SeededHashable {
        var local: (UInt64, UInt64)
        var remote: (UInt64, UInt64)
        var remotePort: UInt16

        static func == (a: Self, b: Self) -> Bool {
            a.remotePort == b.remotePort && a.remote == b.remote && a.local == b.local
        }

        @inline(__always)
        func hash(_ seed: HashSeed) -> UInt64 {
            let end = seed.mix(local.0, local.1)
            return seed.mix(seed.mix(end ^ remote.0, remote.1), UInt64(remotePort))
        }
    }

    private struct Space {
        var used = PortSet()
        var routes = FrequentKeys<Route>(keysMax: destinationsMax)

        mutating func removeAll() {
            used.removeAll()
            routes.removeAll()
        }

        @inline(__always)
        mutating func count(_ row: borrowing TCPConnection, isEphemeral: Bool) {
            used.insert(row.local.port)
            guard isEphemeral, row.remote.port != 0 else { return }
            routes.count(
                Route(
                    local: row.local.mapped(row.family), remote: row.remote.mapped(row.family),
                    remotePort: row.remote.port))
        }
    }

    /// Those of IPv4 and IPv6.
    private var ipv4 = Space()
    private var ipv6 = Space()
    /// The ports that the kernel takes ephemeral ports from; nil when it did not say.
    private var ports: PortSet?

    /// Begins to read the table, or begins again.
    mutating func begin(_ ports: PortSet?) {
        self.ports = ports
        ipv4.removeAll()
        ipv6.removeAll()
    }

    /// Counts a listener, or a connection that did not come in by one.
    @inline(__always)
    mutating func count(_ row: borrowing TCPConnection) {
        let isEphemeral = ports?.contains(row.local.port) == true
        let isMapped = row.local.isMapped
        if case .ipv6 = row.family, !isMapped {
            ipv6.count(row, isEphemeral: isEphemeral)
        } else {
            ipv4.count(row, isEphemeral: isEphemeral)
        }
    }

    /// Of two namespaces, which have ports of their own, the one where they are nearer to running out.
    static func fuller(_ a: Self, _ b: Self) -> Self { a.fill < b.fill ? b : a }

    /// The parts of the ports that are in use toward the busiest destination, and in all; less than 0
    /// where the ports are not known.
    private var fill: (Double, Double) {
        guard let ports else { return (-1, -1) }
        let count = Double(max(1, ports.count))
        let spaces = [ipv4, ipv6]
        let busiest = spaces.map(\.routes.greatestCount).max() ?? 0
        let used = spaces.map { $0.used.countInCommon(with: ports) }.max() ?? 0
        return (Double(busiest) / count, Double(used) / count)
    }

    func write(to exposition: inout TextExposition) {
        guard let ports else { return }
        exposition.write(Metric.ephemeralPorts) { $0.append(value: UInt64(ports.count)) }
        write(Metric.ephemeralPortsUsed, to: &exposition) {
            UInt64($0.used.countInCommon(with: ports))
        }
        write(Metric.ephemeralPortsBusiest, to: &exposition) { $0.routes.greatestCount }
    }

    private func write(
        _ family: MetricFamily, to exposition: inout TextExposition, _ value: (Space) -> UInt64
    ) {
        exposition.write(family) { samples in
            samples.append(Labels.families[AddressFamily.ipv4.index], value: value(ipv4))
            samples.append(Labels.families[AddressFamily.ipv6.index], value: value(ipv6))
        }
    }
}

extension TCPEndpoint {
    /// Whether it is an IPv4-mapped IPv6 address.
    @inline(__always)
    fileprivate var isMapped: Bool {
        address.0 == 0 && UInt64(bigEndian: address.1) >> 32 == 0xFFFF
    }

    /// The address, as an IPv4-mapped one if it is IPv4.
    @inline(__always)
    fileprivate func mapped(_ family: AddressFamily) -> (UInt64, UInt64) {
        guard family == .ipv4 else { return address }
        let low = 0xFFFF << 32 | UInt64(bigEndian: address.0) >> 32
        return (0, UInt64(bigEndian: low))
    }
}
