import CTestSupport

extension Requirement {
    /// An allocator whose calls can be counted: glibc's, which sanitizers replace.
    package static let countedAllocations = Requirement("glibc's allocator") {
        test_counts_allocations()
    }
}

/// How often the body asks for memory on the calling thread: malloc, calloc, realloc, and the
/// aligned ones.
package func countAllocations(_ body: () throws -> Void) rethrows -> UInt {
    let before = test_allocation_count()
    try body()
    return UInt(test_allocation_count() - before)
}
