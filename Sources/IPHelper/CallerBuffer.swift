import CIPHelper
import CLinux
import Glibc

/// A caller's buffer, and the caller's variable with its size.
///
/// Writes stay within the given size, and work at any alignment.
@unsafe struct CallerBuffer {
    private let start: UnsafeMutableRawPointer?
    private let size: UnsafeMutableRawPointer
    /// The size given by the caller.
    private let byteCount: Int

    /// Nil if the size cannot be written.
    init?(_ start: UnsafeMutableRawPointer?, size: UnsafeMutablePointer<DWORD>?) {
        guard let size = unsafe size, unsafe Self.canBeWritten(size) else { return nil }
        unsafe self.start = start
        unsafe self.size = UnsafeMutableRawPointer(size)
        unsafe byteCount = Int(UnsafeRawPointer(size).loadUnaligned(as: DWORD.self))
    }

    /// Lets the closure write the result, or, if the buffer is too small, stores the size needed.
    ///
    /// - Parameters:
    ///   - neededByteCount: The size of the result.
    ///   - spareByteCount: What the caller should allocate in addition, in case the result grows.
    func write(
        _ neededByteCount: Int, spareByteCount: Int = 0,
        _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) -> DWORD {
        guard let needed = DWORD(exactly: neededByteCount) else { return ERROR_NOT_ENOUGH_MEMORY }
        guard let start = unsafe start, unsafe neededByteCount <= byteCount else {
            let requested = DWORD(clamping: Int(needed) + spareByteCount)
            unsafe size.storeBytes(of: requested, as: DWORD.self)
            return ERROR_INSUFFICIENT_BUFFER
        }
        unsafe body(UnsafeMutableRawBufferPointer(start: start, count: neededByteCount))
        return NO_ERROR
    }

    /// Whether the size can be written. Assumed where the system does not allow the check.
    private static func canBeWritten(_ size: UnsafeMutablePointer<DWORD>) -> Bool {
        unsafe clinux_rewrite_u32(size) == 0 || errno != EFAULT
    }
}
