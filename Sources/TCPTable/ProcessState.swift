import CLinux

/// What one caller in this process has found out serves the next: objects that are made once, each with a lock.
///
/// A forked child goes on with its parent's, but for one that another thread was using: it makes that
/// anew. The old one is leaked, as it may be half changed.
enum ProcessState: UInt32 {
    case tableReader
    case ipv4TableReader
    case ipv6TableReader
    case cgroupModules
    case containerNames

    /// Lets the caller, and nobody else meanwhile, use the object.
    ///
    /// - Parameter make: Makes it the first time. For a case it is always the same class.
    func use<State: AnyObject, Result, Failure: Error>(
        _ make: () -> State, _ body: (State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let place = unsafe clinux_lock_process_state(rawValue)
        defer { clinux_unlock_process_state(rawValue) }
        if let kept = unsafe place?.pointee {
            return try body(unsafe Unmanaged.fromOpaque(kept).takeUnretainedValue())
        }
        let state = make()
        unsafe place?.pointee = Unmanaged.passRetained(state).toOpaque()
        return try body(state)
    }
}
