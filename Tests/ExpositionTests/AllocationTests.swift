import TestSupport
import Testing

@testable import Exposition

@Suite(.requires(.countedAllocations))
struct AllocationTests {
    @Test func allocationsAreCounted() {
        var kept: [[UInt8]] = []
        kept.reserveCapacity(100)
        let count = countAllocations {
            for index in 0..<100 { kept.append([UInt8](repeating: UInt8(index), count: 64)) }
        }
        #expect(count >= 100)
        #expect(kept.map(\.count).reduce(0, +) == 6_400)
        #expect(countAllocations {} == 0)
    }

    /// Whatever the number of samples, and in an unoptimized build as in an optimized one.
    @Test(arguments: ExpositionFormat.allCases)
    func aSampleCostsNoAllocationOnceTheBuffersAreWarm(_ format: ExpositionFormat) {
        let labels = (0..<1_000).map { LabelSet([("name", "hostile \" \n \($0)")]) }
        let state = LabelSet("state", "established")
        var exposition = TextExposition()
        var output: [UInt8] = []
        func write() {
            exposition.removeAll()
            output.removeAll(keepingCapacity: true)
            exposition.write(gauge) { samples in
                // Not a for loop: in an unoptimized build its iterator allocates for each element.
                var index = 0
                while index < labels.count {
                    samples.append(labels[index], state, value: UInt64(index) << 32)
                    index += 1
                }
            }
        }
        // Twice: the first exposition finds its buffers empty, and the second is the first to empty
        // them, for which the Swift runtime makes types once in a process.
        for _ in 0..<2 {
            write()
            exposition.assemble(into: &output, as: format)
        }
        #expect(countAllocations(write) == 0)
        // Some for the order of families, none for samples.
        #expect(countAllocations { exposition.assemble(into: &output, as: format) } < 20)
    }
}
