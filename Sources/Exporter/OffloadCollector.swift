import Exposition
import OwnerModules
import TCPConnections

/// Counts connections by offload state, and those with kernel TLS by what they say of it.
struct OffloadCollector {
    private struct TLSKey: Hashable {
        var isTransmit: Bool
        var mode: KernelTLS.Mode
        var version: KernelTLS.Version
        var cipher: KernelTLS.Cipher

        var values: [String] {
            let direction: StaticString = isTransmit ? "transmit" : "receive"
            return [direction, mode.label, version.label, cipher.label].map(\.description)
        }
    }

    /// A cell for each family and offload state.
    private var counts = InlineArray<8, UInt64>(repeating: 0)
    private var tls: [TLSKey: UInt64] = [:]
    private var modules = ModuleCounts(cellCount: OffloadState.count)

    mutating func removeAll() {
        for index in counts.indices { counts[index] = 0 }
        tls.removeAll(keepingCapacity: true)
        modules.removeAll()
    }

    @inline(__always)
    mutating func observe(_ connection: borrowing TCPConnection) {
        guard let kernelTLS = connection.tls else {
            counts[Self.cell(connection.family, .inHost)] += 1
            return
        }
        counts[Self.cell(connection.family, connection.offloadState)] += 1
        observe(kernelTLS)
    }

    mutating func observe(_ tally: ConnectionTally, of module: ModuleIndex) {
        modules.add(tally.count, to: module, cell: tally.offloadState.index)
    }

    func write(
        to exposition: inout TextExposition, modules exposed: [ModuleDirectory.Exposed],
        countsEveryConnection: Bool
    ) {
        exposition.write(Metric.offloadConnections) { samples in
            for family in AddressFamily.allCases {
                for state in Labels.sortedOffloadStates {
                    samples.append(
                        Labels.families[family.index], Labels.offloadStates[state.index],
                        value: counts[Self.cell(family, state)])
                }
            }
        }
        writeTLS(to: &exposition)
        writeModules(to: &exposition, exposed, countsEveryConnection)
    }

    private mutating func observe(_ kernelTLS: KernelTLS) {
        for isTransmit in [true, false] {
            let key = TLSKey(
                isTransmit: isTransmit, mode: isTransmit ? kernelTLS.transmit : kernelTLS.receive,
                version: kernelTLS.version, cipher: kernelTLS.cipher)
            tls[key, default: 0] += 1
        }
    }

    /// Unknown versions share a label value, and so do unknown ciphers: they are counted together.
    private func writeTLS(to exposition: inout TextExposition) {
        let series = Dictionary(tls.map { ($0.key.values, $0.value) }, uniquingKeysWith: +)
        let sorted = series.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        exposition.write(Metric.tlsConnections) { samples in
            for (values, count) in sorted {
                samples.append(
                    LabelSet(Array(zip(Metric.tlsConnections.labels, values))), value: count)
            }
        }
    }

    /// - Parameter countsEveryConnection: Whether connections `in_host` were attributed as well. When
    ///   they were not, their count by module is not known, and not written.
    private func writeModules(
        to exposition: inout TextExposition, _ exposed: [ModuleDirectory.Exposed],
        _ countsEveryConnection: Bool
    ) {
        exposition.write(Metric.moduleOffloadConnections) { samples in
            for exposed in exposed {
                let counts = OffloadState.allCases.map { state in
                    modules.sum(of: exposed.members, cell: state.index)
                }
                guard counts.dropFirst().contains(where: { $0 > 0 }) else { continue }
                for state in Labels.sortedOffloadStates
                where state != .inHost || countsEveryConnection {
                    samples.append(
                        exposed.labels, Labels.offloadStates[state.index],
                        value: counts[state.index])
                }
            }
        }
    }

    private static func cell(_ family: AddressFamily, _ state: OffloadState) -> Int {
        family.index * OffloadState.count + state.index
    }
}
