import BPFIterators
import Procfs
import TCPModel
import TestSupport
import Testing

/// A way to find holders in the tests on the real kernel.
enum HolderWay: CaseIterable {
    case procfs
    /// Whenever a holder is not known.
    case bpf

    @TaskLocal static var current = HolderWay.procfs

    fileprivate static let iterator = Result { () throws(DescriptorIteratorError) in
        try DescriptorIterator(.holders)
    }

    func holders(_ procfs: ProcFS) -> any SocketHolders {
        switch self {
        case .bpf where procfs.showsOwnFirstNamespace:
            BPFHolders(procfs, isPreferred: true) { () throws(DescriptorIteratorError) in
                try Self.iterator.get()
            }
        default: DescriptorScan(procfs)
        }
    }
}

extension Requirement {
    static let bpf = Requirement("CAP_BPF and CAP_PERFMON") {
        (try? HolderWay.iterator.get()) != nil
    }
}

/// Runs each test once with /proc and once with BPF, where that is permitted.
struct BothWays: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for way in HolderWay.allCases {
            if case .bpf = way, case .failure(let error) = HolderWay.iterator {
                if allRequirementsMustBeMet { Issue.record(error) }
                continue
            }
            try await HolderWay.$current.withValue(way) { try await function() }
        }
    }
}

extension Trait where Self == BothWays {
    static var bothWays: Self { BothWays() }
}
