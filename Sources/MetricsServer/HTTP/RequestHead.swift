/// A request's line and headers, and where each part was in memory.
///
/// libmicrohttpd 0.9.75 lets requests pass that a proxy before it may understand in another way, so that
/// the two see different requests in the same bytes (RFC 9112, section 11.2). They are refused here.
struct RequestHead {
    /// A piece of the head in memory.
    struct Part {
        let start: UInt
        let byteCount: Int

        var end: UInt { start + UInt(byteCount) }
    }

    /// One header.
    struct Field {
        let name: String
        let value: String
        let namePart: Part
        let valuePart: Part
    }

    let methodText: String
    /// Of the target as it was sent.
    let method, target, version: Part
    let fields: [Field]
    /// From the method to the end of the empty line.
    let byteCount: Int

    /// Bytes of the connection's memory that it takes, with libmicrohttpd's notes of each header (`struct
    /// MHD_HTTP_Req_Header`, aligned).
    var memoryByteCount: Int { byteCount + fields.count * 64 }

    /// The same for handlers.
    var headers: [(name: String, value: String)] { fields.map { ($0.name, $0.value) } }

    /// Whether the headers can be understood in one way only (RFC 9112, sections 3.2, 5 and 6.3): at most
    /// one host, and one of a length of the body and a coding.
    var isUnambiguous: Bool {
        let lengths = values(of: "content-length")
        let codings = values(of: "transfer-encoding")
        return fields.allSatisfy(\.isWellFormed) && values(of: "host").count <= 1
            && lengths.count + codings.count <= 1
            && codings.allSatisfy { equalIgnoringCase($0, "chunked") }
    }

    private func values(of name: String) -> [String] {
        fields.filter { equalIgnoringCase($0.name, name) }.map(\.value)
    }

    /// Whether nothing lies between the parts but a space or an end of line. What does was not understood,
    /// as what follows a NUL, or belongs elsewhere, as a folded line.
    var isContiguous: Bool {
        guard target.start == method.end + 1, version.start == target.end + 1 else { return false }
        let end = method.start + UInt(byteCount)
        let first = fields.first?.namePart.start ?? (version.end + end) / 2
        // CR LF, or LF alone; the same after each line, or a NUL could pass for a part of it.
        let breakByteCount = first &- version.end
        guard (1...2).contains(breakByteCount) else { return false }
        var lineEnd = version.end
        for field in fields {
            guard field.namePart.start == lineEnd + breakByteCount else { return false }
            lineEnd = field.valuePart.end
        }
        return end == lineEnd + 2 * breakByteCount
    }
}

extension RequestHead.Field {
    /// A name that is a token, and a value without control characters other than the tab.
    fileprivate var isWellFormed: Bool {
        isToken(name) && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }
}
