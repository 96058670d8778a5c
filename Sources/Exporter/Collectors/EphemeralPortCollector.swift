import Exposition
import TCPModel

/// Counts the distinct local ports in use, of the range that the kernel takes ephemeral ports from.
struct EphemeralPortCollector {
    /// 65,536 ports, a bit each.
    private static let wordCount = 65_536 / UInt64.bitWidth

    private var used = [UInt64](repeating: 0, count: wordCount * AddressFamily.count)

    mutating func removeAll() {
        for index in used.indices { used[index] = 0 }
    }

    @inline(__always)
    mutating func count(_ connection: borrowing TCPConnection) {
        let port = Int(connection.localPort)
        used[connection.family.index * Self.wordCount + port / 64] |= 1 << UInt64(port % 64)
    }

    func write(to exposition: inout TextExposition, range: ClosedRange<UInt16>) {
        exposition.write(Metric.ephemeralPorts) { $0.append(value: UInt64(range.count)) }
        exposition.write(Metric.ephemeralPortsUsed) { samples in
            for family in AddressFamily.allCases {
                let count = range.count { isUsed(Int($0), family) }
                samples.append(Labels.families[family.index], value: UInt64(count))
            }
        }
    }

    private func isUsed(_ port: Int, _ family: AddressFamily) -> Bool {
        used[family.index * Self.wordCount + port / 64] & 1 << UInt64(port % 64) != 0
    }
}
