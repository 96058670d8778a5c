// Every load of foreign bytes in this module happens in this file, after a check of the length.

import TCPModel

extension RawSpan {
    /// Reads a native-endian integer, aligned or not; throws, for the bytes come from outside.
    @inline(__always)
    func read<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, at offset: Int, field: StaticString
    ) throws(DecodeError) -> T {
        try check(field, at: offset, byteCount: MemoryLayout<T>.size)
        return unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self)
    }

    /// Reads a native-endian integer, aligned or not, of a structure that `check` has found to be
    /// whole: a row of the table has a dozen of them.
    @inline(__always)
    func readChecked<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, at offset: Int
    ) -> T {
        unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self)
    }

    /// The `byteCount` bytes at `offset`, if they are all there.
    @inline(__always)
    func check(_ field: StaticString, at offset: Int, byteCount needed: Int) throws(DecodeError) {
        let available = self.byteCount - offset
        guard offset >= 0, available >= needed else {
            throw .truncated(
                field: StaticText(field), offset: offset, needed: needed,
                available: max(0, available))
        }
    }
}
