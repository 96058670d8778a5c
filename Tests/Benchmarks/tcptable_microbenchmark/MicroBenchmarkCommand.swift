import ArgumentParser
import CMicroBenchmarks
import Foundation

/// What the steps of a scrape cost for each row or series, on made-up input.
@main
struct MicroBenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tcptable_microbenchmark",
        abstract: "What the steps of a scrape cost for each row or series, on made-up input.",
        discussion: """
            Prints for each step: its name, what is counted, nanoseconds of the processor for each, how
            many allocations 10,000 of them cost and may cost, and by how many bytes the heap has grown
            after 64 runs. Ends with status 1 when a step allocates more than it may. Numbers mean
            something in a release build only.
            """)

    private static let runs = 64

    @Option(help: "Only this step, without measuring it: for callgrind.")
    var only: String?

    @Option(help: "How often it runs, after three times to warm up.")
    var repetitions = 1

    func run() throws {
        let benchmarks = try MicroBenchmark.all()
        guard let only else { return try measure(benchmarks) }
        guard let benchmark = benchmarks.first(where: { $0.name == only }) else {
            let names = benchmarks.map(\.name).joined(separator: ", ")
            throw ValidationError("There is no step '\(only)'; there are \(names).")
        }
        benchmark.warmUp()
        for _ in 0..<repetitions { benchmark.runCounted() }
    }

    private func measure(_ benchmarks: [MicroBenchmark]) throws {
        var isWithinLimits = true
        for benchmark in benchmarks {
            benchmark.warmUp()
            _ = benchmark.measure(runs: Self.runs)
            let liveByteCount = micro_live_bytes()
            let result = benchmark.measure(runs: Self.runs)
            let growth = Int(micro_live_bytes()) - Int(liveByteCount)
            let nanoseconds = String(format: "%.1f", result.nanosecondsPerUnit)
            print(
                benchmark.name, benchmark.unit, nanoseconds, result.allocationsPerRun,
                benchmark.allocationsMax, growth)
            if result.allocationsPerRun > benchmark.allocationsMax { isWithinLimits = false }
        }
        if !isWithinLimits { throw ExitCode.failure }
    }
}
