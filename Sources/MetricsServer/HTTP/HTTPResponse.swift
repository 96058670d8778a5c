import CZlib

/// The response to one request, complete before its first byte is sent.
///
/// `Date`, `Content-Length` and `Connection` are added when it is sent. A control character in a
/// header would let text forge further headers; all headers come from our own code, so it traps.
package struct HTTPResponse: Sendable {
    /// The status code, 200 to 599.
    package var status: Int { content.status }
    /// The value of `Content-Type`.
    package var contentType: String { content.contentType }
    /// Further headers, in the order in which they are sent.
    package var headers: [(name: String, value: String)] { content.headers }
    /// The bytes after the headers; a `HEAD` request gets their count only.
    package var body: [UInt8] { content.body }

    /// The same in libmicrohttpd's form, made once for all copies.
    var native: MHDResponse { content.native }

    /// All of it behind one reference: a response is passed on several times.
    private let content: Content

    private final class Content: Sendable {
        let status: Int
        let contentType: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]
        let native = MHDResponse()

        init(
            _ status: Int, _ contentType: String, _ headers: [(name: String, value: String)],
            _ body: [UInt8]
        ) {
            self.status = status
            self.contentType = contentType
            self.headers = headers
            self.body = body
        }
    }

    package init(
        status: Int = 200, contentType: String, headers: [(name: String, value: String)] = [],
        body: [UInt8]
    ) {
        precondition((200...599).contains(status), "no final status code: \(status)")
        precondition(isHeaderValue(contentType), "control character in a content type")
        for header in headers {
            precondition(isToken(header.name), "no header name: \(header.name)")
            precondition(isHeaderValue(header.value), "control character in \(header.name)")
        }
        content = Content(status, contentType, headers, body)
    }

    /// A plain text of one line, such as an error.
    package static func text(
        _ line: String, status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, contentType: "text/plain; charset=utf-8", headers: headers,
            body: Array(line.utf8) + [UInt8(ascii: "\n")])
    }
}

/// What header names are (RFC 9110, section 5.6.2).
func isToken(_ name: String) -> Bool {
    !name.isEmpty
        && name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default:
                "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
}

/// RFC 9110, section 5.5, without the tab, which libmicrohttpd refuses.
private func isHeaderValue(_ value: String) -> Bool {
    !value.isEmpty && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
}

extension HTTPResponse {
    /// Shorter bodies fit into one packet with their headers as they are.
    static var compressedByteCountMin: Int { 1024 }

    /// The same response in gzip's format; the response itself where that is not worth it, or where
    /// there is no memory.
    package func gzippedIfWorthIt() -> HTTPResponse {
        guard body.count >= Self.compressedByteCountMin, let compressed = gzipped(body) else {
            return self
        }
        return HTTPResponse(
            status: status, contentType: contentType,
            headers: headers + [(name: "Content-Encoding", value: "gzip")], body: compressed)
    }
}

/// The bytes in the gzip format (RFC 1952), or nil where there is no memory for it.
///
/// With the least work: of 200,000 bytes of exposition a twelfth is left after 0.6 ms; zlib's default
/// level would take a sixth off that, for three times the work. The memory that zlib works in, 270 kB,
/// is free again on return.
func gzipped(_ bytes: [UInt8]) -> [UInt8]? {
    // In one piece; an exposition has some hundred kilobytes.
    guard let byteCount = UInt32(exactly: bytes.count) else { return nil }
    var stream = unsafe z_stream()
    guard unsafe CZlib_begin_gzip(&stream) == Z_OK else { return nil }
    defer { unsafe deflateEnd(&stream) }
    let byteCountMax = unsafe deflateBound(&stream, UInt(byteCount))
    guard let room = UInt32(exactly: byteCountMax) else { return nil }
    var status = Z_STREAM_ERROR
    let result = unsafe [UInt8](unsafeUninitializedCapacity: Int(room)) { output, count in
        status = unsafe bytes.withUnsafeBufferPointer { input in
            // zlib reads the input only, though it does not say so.
            unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.avail_in = byteCount
            unsafe stream.next_out = output.baseAddress
            unsafe stream.avail_out = room
            return unsafe deflate(&stream, Z_FINISH)
        }
        count = unsafe Int(stream.total_out)
    }
    // Room for the worst case was there, so anything else is an error.
    return status == Z_STREAM_END ? result : nil
}
