import CIPHelper
import CLinux
import Glibc

/// A caller's buffer, and the caller's variable that holds its size.
///
/// What is written lies inside of the size that was given, at any alignment.
@unsafe struct CallerBuffer {
    private let start: UnsafeMutableRawPointer?
    private let size: UnsafeMutableRawPointer
    /// The size that was given, in bytes.
    private let byteCount: Int

    /// Nil where the size is no variable that can be written.
    init?(_ start: UnsafeMutableRawPointer?, size: UnsafeMutablePointer<DWORD>?) {
        guard let size = unsafe size, unsafe Self.canBeWritten(size) else { return nil }
        unsafe self.start = start
        unsafe self.size = UnsafeMutableRawPointer(size)
        unsafe byteCount = Int(UnsafeRawPointer(size).loadUnaligned(as: DWORD.self))
    }

    /// Lends the bytes that are needed, to be written, or says what is needed.
    ///
    /// - Parameters:
    ///   - neededByteCount: What the answer takes.
    ///   - roomByteCount: What the caller should have beside, in case the answer grows.
    func write(
        _ neededByteCount: Int, roomByteCount: Int = 0,
        _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) -> DWORD {
        guard let needed = DWORD(exactly: neededByteCount) else { return ERROR_NOT_ENOUGH_MEMORY }
        guard let start = unsafe start, unsafe neededByteCount <= byteCount else {
            let asked = DWORD(clamping: Int(needed) + roomByteCount)
            unsafe size.storeBytes(of: asked, as: DWORD.self)
            return ERROR_INSUFFICIENT_BUFFER
        }
        unsafe body(UnsafeMutableRawBufferPointer(start: start, count: neededByteCount))
        return NO_ERROR
    }

    /// Where the system does not let us look, a pointer is trusted, as every other one is.
    private static func canBeWritten(_ size: UnsafeMutablePointer<DWORD>) -> Bool {
        unsafe clinux_rewrite_u32(size) == 0 || errno != EFAULT
    }
}
