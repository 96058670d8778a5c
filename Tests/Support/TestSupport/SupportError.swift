package import SystemPackage

/// A test could not set its stage: what was tried, and why it failed.
package struct SupportError: Error, CustomStringConvertible {
    package let what: String
    package let cause: Errno

    package var description: String { "\(what): \(cause)" }
}

/// Returns the result of a C function that reports failure as a negative number and errno.
func check(_ result: Int32, _ what: @autoclosure () -> String) throws -> Int32 {
    if result >= 0 { return result }
    throw SupportError(what: what(), cause: currentErrno())
}
