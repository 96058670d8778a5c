public import Glibc
public import SystemPackage

/// Calls until no signal interrupts it, and returns what the last call returned.
///
/// Where the kernel itself never interrupts a call, a file system in user space, a sandbox or a seccomp
/// supervisor still may.
@inlinable
package func retryingOnInterrupt<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

/// The result of a system call, repeated while signals interrupt it; throws `errno` if it is negative.
@inlinable
@discardableResult
package func systemCall<Result: SignedInteger>(
    _ call: () -> Result
) throws(Errno) -> Result {
    let result = retryingOnInterrupt(call)
    guard result >= 0 else { throw Errno(rawValue: errno) }
    return result
}
