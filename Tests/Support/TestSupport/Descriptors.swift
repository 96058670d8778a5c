import Foundation

/// The number of descriptors that this process has open (`/proc/self/fd`), the one for looking left
/// out. Tests run side by side: what a single thread leaks, ``FaultOutcome`` tells more exactly.
package func openDescriptorCount() -> Int {
    let path = "/proc/self/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    // The descriptor that listed the directory was one of its entries, and is closed by now.
    return names.filter { fcntl(Int32($0) ?? -1, F_GETFD) >= 0 }.count
}

/// The directory that holds the built executables; that of the test bundle, too.
package let productsDirectory: String = {
    let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return ((bundle ?? "") as NSString).deletingLastPathComponent
}()

/// The path of one of this package's commands, as `swift build` made it beside the tests. An optimized one
/// takes its place, and a fraction of its time, where `TCPTABLE_TEST_COMMANDS` names its directory.
package func builtCommand(_ name: String) -> String {
    ProcessInfo.processInfo.environment["TCPTABLE_TEST_COMMANDS"].map { "\($0)/\(name)" }
        ?? product(name)
}

/// The path of one of this package's products.
package func product(_ name: String) -> String {
    "\(productsDirectory)/\(name)"
}
