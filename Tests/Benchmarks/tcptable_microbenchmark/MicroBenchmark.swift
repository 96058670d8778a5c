import CMicroBenchmarks
import CTestSupport
import Glibc

/// A step of a scrape, done again and again on made-up input, so that its cost for each row or series
/// can be told from that of the kernel and of the rest.
struct MicroBenchmark {
    /// Rows of a table, and series of an exposition.
    static let unitCount = 10_000

    /// What is done for each row or series.
    let name: String
    /// What is counted: `row` or `series`.
    let unit: String
    /// How many allocations a run may cost, at most, for all its rows or series together.
    ///
    /// The input is always the same, so this number is too, on whatever machine. Times are not, and have
    /// no limit here.
    let allocationsMax: Int
    /// What has to be done before each run and is not measured.
    private let prepare: () -> Void
    private let body: () -> Void

    init(
        _ name: String, _ unit: String, allocationsMax: Int, prepare: @escaping () -> Void = {},
        body: @escaping () -> Void
    ) {
        self.name = name
        self.unit = unit
        self.allocationsMax = allocationsMax
        self.prepare = prepare
        self.body = body
    }

    /// Runs once under the name that callgrind looks for.
    func runCounted() {
        prepare()
        var body = body
        unsafe withUnsafeMutablePointer(to: &body) { body in
            unsafe micro_counted(
                { unsafe $0?.assumingMemoryBound(to: (() -> Void).self).pointee() }, body)
        }
    }

    /// Runs until buffers have grown, and types are made for which the Swift runtime allocates once in
    /// a process.
    func warmUp() {
        for _ in 0..<3 { run() }
    }

    func run() {
        prepare()
        body()
    }

    /// Runs as often as told, and measures each run.
    func measure(runs: Int) -> Result {
        var allocations: UInt = 0
        var nanoseconds: [UInt64] = []
        nanoseconds.reserveCapacity(runs)
        for _ in 0..<runs {
            prepare()
            let before = (threadNanoseconds(), test_allocation_count())
            body()
            allocations = max(allocations, UInt(test_allocation_count() - before.1))
            nanoseconds.append(threadNanoseconds() - before.0)
        }
        nanoseconds.sort()
        return Result(
            nanosecondsPerUnit: Double(nanoseconds[runs / 2]) / Double(Self.unitCount),
            allocationsPerRun: Int(allocations))
    }

    /// What a benchmark costs.
    struct Result {
        /// Of the processor's time; the median of all runs.
        let nanosecondsPerUnit: Double
        /// The most of any run.
        let allocationsPerRun: Int
    }
}

/// What the thread has used of the processor, which other programs do not add to
/// (`CLOCK_THREAD_CPUTIME_ID`).
private func threadNanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
