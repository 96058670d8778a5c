import CPCRE2

/// A regular expression that a whole text must match, in Perl's syntax (`man 3 pcre2syntax`).
///
/// Texts may be hostile. As a match can begin in one place only, PCRE2's limit on its steps is a limit
/// on the time of a match: about a millisecond.
///
/// Unchecked: PCRE2 never changes a compiled expression, and threads may share it (`man 3 pcre2api`).
@safe package final class Pattern: @unchecked Sendable {
    /// What came of a match.
    package enum Outcome: Equatable, Sendable {
        /// What each group captured, from the first; nil for a group that took no part.
        case match([Range<Int>?])
        case noMatch
        /// The text would take too many steps.
        case tooCostly
    }

    /// Bytes of the longest expression.
    package static let byteCountMax = 1024

    /// Positions that one match may try.
    private static let stepsMax: UInt32 = 50_000
    /// Kibibytes for positions to return to: a repeated group has one for each repetition.
    private static let heapKibibytesMax: UInt32 = 8192

    /// A point is any byte, newlines included.
    private static let options =
        PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF

    /// How many groups capture.
    package let groupCount: Int

    private let code: OpaquePointer
    private let limits: OpaquePointer

    package init(_ text: String) throws(PatternError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.byteCountMax else {
            throw PatternError(explanation: "is longer than \(Self.byteCountMax) bytes")
        }
        var (error, offset) = (CInt(0), 0)
        let code = unsafe pcre2_compile_8(bytes, bytes.count, Self.options, &error, &offset, nil)
        guard let code = unsafe code else {
            throw PatternError(explanation: "\(Self.message(error)), at byte \(offset + 1)")
        }
        guard let limits = unsafe pcre2_match_context_create_8(nil) else {
            unsafe pcre2_code_free_8(code)
            throw PatternError(explanation: "out of memory")
        }
        unsafe pcre2_set_match_limit_8(limits, Self.stepsMax)
        unsafe pcre2_set_heap_limit_8(limits, Self.heapKibibytesMax)
        var groupCount: UInt32 = 0
        unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &groupCount)
        self.groupCount = Int(groupCount)
        unsafe self.code = code
        unsafe self.limits = limits
    }

    deinit {
        unsafe pcre2_match_context_free_8(limits)
        unsafe pcre2_code_free_8(code)
    }

    /// Matches the whole text.
    package func match(_ text: [UInt8]) -> Outcome {
        guard let data = unsafe pcre2_match_data_create_from_pattern_8(code, nil) else {
            return .tooCostly
        }
        defer { unsafe pcre2_match_data_free_8(data) }
        let result = unsafe pcre2_match_8(code, text, text.count, 0, 0, data, limits)
        if result == PCRE2_ERROR_NOMATCH { return .noMatch }
        // The others are the limits on steps and memory.
        guard result > 0 else { return .tooCostly }
        return .match(unsafe groups(data))
    }

    /// Whether the whole text matches; false too where that takes too many steps.
    package func matches(_ text: String) -> Bool {
        if case .match = match(Array(text.utf8)) { true } else { false }
    }

    private func groups(_ data: OpaquePointer) -> [Range<Int>?] {
        guard groupCount > 0, let offsets = unsafe pcre2_get_ovector_pointer_8(data) else {
            return []
        }
        return (1...groupCount).map { group in
            let (start, end) = unsafe (offsets[2 * group], offsets[2 * group + 1])
            return start != Int.max && start != -1 && start <= end ? start..<end : nil
        }
    }

    private static func message(_ error: CInt) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        let byteCount = unsafe pcre2_get_error_message_8(error, &text, text.count)
        return String(decoding: text.prefix(max(0, Int(byteCount))), as: UTF8.self)
    }
}

/// Why a text is no regular expression.
package struct PatternError: Error, Equatable, Sendable {
    /// A sentence's end.
    package let explanation: String
}
