import CJansson

/// A JSON document that is well formed as a whole, of which some strings are wanted.
@safe struct JSONText: ~Copyable {
    private let document: UnsafeMutablePointer<json_t>

    /// Nil for anything else: a cut document, a key that stands twice in an object, text that is no
    /// UTF-8.
    ///
    /// A zero is looked for here: after a number Jansson (2.14) passes over one.
    init?(_ bytes: [UInt8]) {
        guard !bytes.contains(0) else { return nil }
        var error = json_error_t()
        let document = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { text in
                unsafe json_loadb(text.baseAddress, text.count, Self.flags, &error)
            }
        }
        guard let document = unsafe document else { return nil }
        unsafe self.document = document
    }

    deinit { unsafe json_decref(document) }

    private static let flags = Int(JSON_REJECT_DUPLICATES)

    /// The string at the end of a path of keys; nil where there is none.
    func string(_ keys: String...) -> [UInt8]? {
        var value: UnsafeMutablePointer<json_t>? = unsafe document
        for key in keys { unsafe value = json_object_get(value, key) }
        guard let text = unsafe json_string_value(value) else { return nil }
        let byteCount = unsafe json_string_length(value)
        return unsafe UnsafeBufferPointer(start: text, count: byteCount).map(
            UInt8.init(bitPattern:))
    }
}
