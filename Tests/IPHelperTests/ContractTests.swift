import Foundation
import TestSupport
import Testing

/// The contract of the IP Helper functions, tested by C programs.
@Suite(
    .slow, .requires(.root), .requires(.networkNamespaces), .requires(.tool("gcc")),
    .requires(.tool("g++")), .requires(.tool("clang")), .requires(.tool("clang++")),
    .requires(.tool("unshare")))
struct ContractTests {
    @Test(arguments: Toolchain.allCases)
    func everyCompilerTakesTheHeaderWithoutAWarning(_ toolchain: Toolchain) throws {
        _ = try ContractProgram.path(toolchain)
    }

    /// In C++, the same proofs are called by another name.
    @Test(arguments: Toolchain.allCases)
    func everyCompilerHasTheLayoutOfWindows(_ toolchain: Toolchain) throws {
        let isC = toolchain != .gxx && toolchain != .clangxx
        let name = isC ? [] : ["-D_Static_assert=static_assert"]
        try toolchain.check(name + ["-fsyntax-only", Sources.layout])
    }

    @Test(arguments: Toolchain.allCases, [Chapter.arguments, .bounds])
    func aTableStaysWithinTheBufferAndRefusesWrongArguments(
        _ toolchain: Toolchain, _ chapter: Chapter
    ) throws {
        // Every size of every table's buffer is tried: by one compiler's program, and the
        // sanitizers.
        if chapter == .bounds && toolchain != .gcc && toolchain != .sanitizers { return }
        try withSockets([.notAccepted]) { _ in try ContractProgram.run(chapter, toolchain) }
    }

    @Test(arguments: Toolchain.allCases, [Chapter.owners, .rights, .failures, .messages])
    func everyCodeIsReturnedForItsCause(_ toolchain: Toolchain, _ chapter: Chapter) throws {
        try withSockets([.listen]) { _ in try ContractProgram.run(chapter, toolchain) }
    }

    @Test(arguments: [Toolchain.gcc, .sanitizers])
    func aLoopEndsThoughTheTableGrows(_ toolchain: Toolchain) throws {
        try inNewNetworkNamespace { _ = try ContractProgram.run(.growth, toolchain) }
    }

    @Test(arguments: [Toolchain.gcc, .sanitizers])
    func allFunctionsAreThreadSafe(_ toolchain: Toolchain) throws {
        try withSockets([.notAccepted]) { _ in try ContractProgram.run(.threads, toolchain) }
    }

    /// While other threads of the parent call.
    @Test func everyFunctionWorksAfterForkAndDaemon() throws {
        try withSockets([.notAccepted]) { _ in try ContractProgram.run(.forks) }
    }

    /// It works in the child, or returns an error, and never hangs.
    @Test func aForkDuringTheFirstCallLeavesAChildThatReturns() throws {
        try withSockets([.notAccepted]) { _ in try ContractProgram.run(.firstForks) }
    }

    @Test func noFunctionUsesMoreStackThanTheHeaderSays() throws {
        try withSockets([.notAccepted]) { _ in
            let output = try ContractProgram.runMeasuringStack()
            #expect(output.split(separator: "\n").count == 3, "\(output)")
        }
    }

    @Test func aSandboxThatAllowsOnlyWhatADumpNeedsDoesNotKill() throws {
        try withSockets([.notAccepted]) { _ in try ContractProgram.run(.sandbox) }
    }

    @Test(.requires(.tool("ip")), arguments: [Toolchain.gcc, .sanitizers])
    func theOrderIsThatOfAnIndependentSort(_ toolchain: Toolchain) throws {
        try inNewNetworkNamespace {
            try addAddresses([
                "192.0.2.1/24", "203.0.113.9/24", "2001:db8::1", "2001:db8::8000:0:0:1",
                "2001:db8:ff00::2", "fd00::80", "fd80::1",
            ])
            try ContractProgram.run(.order, toolchain)
        }
    }

    @Test(
        .requires(.tool("valgrind")), .requires(.tool("strip")),
        arguments: [[Chapter.arguments, .messages], [.owners, .rights, .failures]])
    func valgrindFindsNothing(_ chapters: [Chapter]) throws {
        try withSockets([.notAccepted]) { _ in try ContractProgram.runUnderValgrind(chapters) }
    }
}
