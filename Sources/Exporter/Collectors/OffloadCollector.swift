import Exposition
import TCPModel

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
    /// Whether it is known of each connection on the device that it is still there.
    private var isUploadingKnown = true

    /// Those that can be told.
    private var states: [OffloadState] {
        Labels.sortedOffloadStates.filter { $0 != .uploading || isUploadingKnown }
    }

    mutating func removeAll() {
        for index in counts.indices { counts[index] = 0 }
        isUploadingKnown = true
        tls.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func count(_ connection: borrowing TCPConnection) {
        guard let kernelTLS = connection.tls else {
            counts[Self.cell(connection.family, .inHost)] += 1
            return
        }
        counts[Self.cell(connection.family, connection.offloadState)] += 1
        if kernelTLS.mayBeHandedBack { isUploadingKnown = false }
        count(kernelTLS)
    }

    func write(
        to exposition: inout TextExposition, _ modules: [ModuleDirectory.Counted],
        countsEveryConnection: Bool
    ) {
        exposition.write(Metric.offloadConnections) { samples in
            for family in AddressFamily.allCases {
                for state in states {
                    samples.append(
                        Labels.families[family.index], Labels.offloadStates[state.index],
                        value: counts[Self.cell(family, state)])
                }
            }
        }
        writeTLS(to: &exposition)
        writeModules(to: &exposition, modules, countsEveryConnection)
    }

    private mutating func count(_ kernelTLS: KernelTLS) {
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
    ///   they were not, their number by module is unknown, and not written.
    private func writeModules(
        to exposition: inout TextExposition, _ modules: [ModuleDirectory.Counted],
        _ countsEveryConnection: Bool
    ) {
        let states = states
        exposition.write(Metric.moduleOffloadConnections) { samples in
            for module in modules {
                let offloaded = module.cells.offloadedCount
                guard offloaded > 0 else { continue }
                for state in states where state != .inHost || countsEveryConnection {
                    let count =
                        state == .inHost
                        ? module.cells.count - offloaded
                        : UInt64(module.cells.offloadStates[state.index])
                    samples.append(
                        module.labels, Labels.offloadStates[state.index], value: count)
                }
            }
        }
    }

    static func += (a: inout Self, b: Self) {
        for index in a.counts.indices { a.counts[index] += b.counts[index] }
        a.tls.merge(b.tls, uniquingKeysWith: +)
        a.isUploadingKnown = a.isUploadingKnown && b.isUploadingKnown
    }

    private static func cell(_ family: AddressFamily, _ state: OffloadState) -> Int {
        family.index * OffloadState.count + state.index
    }
}
