import CMicroBenchmarks
import Exposition
import Glibc

/// From numbers to bytes: one family of many series, and the same by C's `snprintf`.
final class EncodingWork {
    private static let states = [
        "close", "close_wait", "closing", "established", "fin_wait1", "fin_wait2", "last_ack",
        "listen", "syn_recv", "syn_sent",
    ]
    private static let family = MetricFamily(
        "benchmark_connections", labels: ["module", "kind", "state"], help: "A benchmark's series.")

    private let moduleLabels: [LabelSet]
    private let stateLabels: [LabelSet]
    private let moduleNames: CStrings
    private let stateNames: CStrings
    private var exposition = TextExposition()
    private(set) var output: [UInt8] = []
    private(set) var plainOutput: [UInt8] = []

    /// - Parameter seriesCount: A multiple of ten, the number of states.
    init(seriesCount: Int) {
        let modules = (0..<seriesCount / Self.states.count).map { "module-\($0).service" }
        moduleLabels = modules.map { LabelSet([("module", $0), ("kind", "service")]) }
        stateLabels = Self.states.map { LabelSet([("state", $0)]) }
        moduleNames = CStrings(modules)
        stateNames = CStrings(Self.states)
    }

    func run() {
        exposition.removeAll()
        output.removeAll(keepingCapacity: true)
        exposition.write(Self.family) { samples in
            var value: UInt64 = 0
            for module in moduleLabels {
                for state in stateLabels {
                    samples.append(module, state, value: value)
                    value += 1
                }
            }
        }
        exposition.assemble(into: &output)
    }

    /// The samples without what stands before them.
    func runPlainC() {
        let count = print()
        if count <= plainOutput.count { return }
        plainOutput = [UInt8](repeating: 0, count: count + 1)  // snprintf ends it with a zero.
        _ = print()
    }

    private func print() -> Int {
        unsafe plainOutput.withUnsafeMutableBytes { buffer in
            unsafe micro_print_samples(
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count,
                moduleNames.pointers, moduleNames.count, stateNames.pointers, stateNames.count)
        }
    }
}

/// Strings as C has them, until the object is gone.
@safe private final class CStrings {
    let count: Int
    /// Of copies that this object frees.
    let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>

    init(_ strings: [String]) {
        count = strings.count
        unsafe pointers = .allocate(capacity: strings.count)
        for (index, string) in strings.enumerated() {
            unsafe (pointers + index).initialize(to: UnsafePointer(strdup(string)))
        }
    }

    deinit {
        for index in 0..<count { unsafe free(UnsafeMutablePointer(mutating: pointers[index])) }
        unsafe pointers.deallocate()
    }
}
