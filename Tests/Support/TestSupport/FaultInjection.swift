import CFaultInjection
package import SystemPackage

/// What became of a piece of code in which one call failed.
package struct FaultOutcome<Success> {
    /// Which call failed, counted from 1.
    package let nth: UInt
    /// The libc function that failed.
    package let failedCall: String
    /// Descriptors that the body opened and did not close, by socket, open and openat, and close;
    /// anything but 0 is a leak, unless `result` owns them.
    package let descriptorsLeftOpen: Int
    package let result: Result<Success, any Error>
}

/// Counts the interposed calls (see CFaultInjection.h) that the body makes on this thread.
package func countCalls<T>(_ body: () throws -> T) rethrows -> UInt {
    fault_injection_arm(0, 0)
    defer { _ = fault_injection_disarm() }
    _ = try body()
    return UInt(fault_injection_disarm())
}

/// Runs the body, and counts the descriptors that it opens on this thread and does not close.
package func countDescriptorsLeftOpen<T>(
    _ body: () throws -> T
) rethrows -> (result: T, count: Int) {
    fault_injection_arm(0, 0)
    defer { _ = fault_injection_disarm() }
    let result = try body()
    return (result, Int(fault_injection_descriptors_left_open()))
}

/// Runs the body with its `nth` interposed call failing; nil if it made fewer calls than that.
///
/// The body runs on the calling thread and must not leave it, so it cannot be asynchronous. Put into
/// it only the code under test: what `#expect` does inside would be counted too.
package func withFailingCall<T>(
    _ nth: UInt, _ error: Errno, _ body: () throws -> T
) -> FaultOutcome<T>? {
    fault_injection_arm(UInt32(nth), error.rawValue)
    let result = Result { try body() }
    _ = fault_injection_disarm()
    let descriptorsLeftOpen = Int(fault_injection_descriptors_left_open())
    let failedCall = unsafe String(cString: fault_injection_failed_call())
    if failedCall.isEmpty { return nil }
    return FaultOutcome(
        nth: nth, failedCall: failedCall, descriptorsLeftOpen: descriptorsLeftOpen, result: result)
}

/// Runs the body again and again, with the first call failing, then the second, until it makes no
/// more calls (or `callsMax` of them). Returns one outcome for each call.
package func withEachCallFailing<T>(
    _ error: Errno, callsMax: UInt = 10_000, _ body: () throws -> T
) -> [FaultOutcome<T>] {
    var outcomes: [FaultOutcome<T>] = []
    for nth in 1...callsMax {
        guard let outcome = withFailingCall(nth, error, body) else { break }
        outcomes.append(outcome)
    }
    return outcomes
}
