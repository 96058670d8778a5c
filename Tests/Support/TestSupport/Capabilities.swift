import CTestSupport

/// Runs the body with the calling thread alone without any effective capability, so that the kernel
/// refuses it what it refuses an unprivileged user, though its user id stays the same.
///
/// The thread has its capabilities back at the end, or the process traps. The body cannot be
/// asynchronous, as it might go on elsewhere.
package func withoutCapabilities<T>(_ body: () throws -> T) throws -> T {
    var effective: [UInt32] = [0, 0]
    _ = try check(
        unsafe test_swap_effective_capabilities(&effective), "cannot give up capabilities")
    defer {
        let result = unsafe test_swap_effective_capabilities(&effective)
        precondition(result == 0, "cannot take capabilities back: \(currentErrno())")
    }
    return try body()
}
