import CMicroHTTPD
import Glibc

/// One connection of libmicrohttpd, valid until its request is completed.
///
/// Unchecked: the pointer is a constant, `resume` may be called on any thread by libmicrohttpd's
/// contract, and everything else is called by the connection's own access handler only.
@safe struct ClientConnection: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    /// The connection's socket.
    var descriptor: CInt { unsafe CMicroHTTPD_connection_socket(pointer) }

    /// The address of its other end.
    var client: ClientAddress? {
        unsafe ClientAddress(CMicroHTTPD_connection_address(pointer))
    }

    /// GnuTLS' session; nil without TLS.
    var session: OpaquePointer? { unsafe CMicroHTTPD_connection_session(pointer) }

    /// Suspends the connection: it is neither read nor written nor timed out until `resume`.
    func suspend() {
        unsafe MHD_suspend_connection(pointer)
    }

    /// Has the access handler called again. The connection must be suspended.
    func resume() {
        unsafe MHD_resume_connection(pointer)
    }

    /// Sends the response when the access handler has returned; `.NO`, which makes libmicrohttpd
    /// close the connection, when there is no memory for it.
    func queue(_ response: HTTPResponse) -> MHD_Result {
        guard let native = unsafe response.native.pointer(for: response) else { return .NO }
        // The connection holds a reference of its own until it has sent everything.
        return unsafe MHD_queue_response(pointer, CUnsignedInt(response.status), native)
    }

    /// Makes libmicrohttpd notice that the client, which has its response now, has shut its direction down.
    ///
    /// libmicrohttpd uses edge-triggered epoll and takes a short read for the end of what there is. A
    /// client that sends its request and its end together makes one edge, so libmicrohttpd would
    /// keep the connection until its idle timeout. Shutting this direction down too makes a new edge;
    /// requests that were read already are still answered.
    func noticeEnd() {
        var byte: UInt8 = 0
        let descriptor = descriptor
        guard unsafe recv(descriptor, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) == 0 else { return }
        _ = shutdown(descriptor, CInt(SHUT_RD))
    }

    /// Whether libmicrohttpd leaves a request's head where it was read, with NULs between its parts. Later
    /// versions do not, and check it themselves.
    var keepsHeadInPlace: Bool { Self.keepsHeadInPlace }

    private static let keepsHeadInPlace =
        unsafe MHD_get_version().map { unsafe String(cString: $0) == "0.9.75" } ?? false

    /// Bytes of the request's line and headers.
    var headByteCount: Int { unsafe CMicroHTTPD_head_byte_count(pointer) }

    /// The request's headers, copied. Bounded by `ServerLimits.headerBytesMax`, into which they all
    /// have been read.
    var headerFields: [RequestHead.Field] {
        var fields: [RequestHead.Field] = []
        unsafe withUnsafeMutablePointer(to: &fields) { fields in
            _ = unsafe MHD_get_connection_values_n(pointer, .HEADER_KIND, collectField, fields)
        }
        return fields
    }
}

private nonisolated func collectField(
    into target: UnsafeMutableRawPointer?, kind: MHD_ValueKind,
    name: UnsafePointer<CChar>?, nameByteCount: Int,
    value: UnsafePointer<CChar>?, valueByteCount: Int
) -> MHD_Result {
    guard let target = unsafe target else { return .NO }
    let (name, value) = unsafe (
        UnsafeRawBufferPointer(start: name, count: nameByteCount),
        UnsafeRawBufferPointer(start: value, count: valueByteCount)
    )
    let field = unsafe RequestHead.Field(
        name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self),
        namePart: RequestHead.Part(name), valuePart: RequestHead.Part(value))
    unsafe target.assumingMemoryBound(to: [RequestHead.Field].self).pointee.append(field)
    return .YES
}

extension RequestHead.Part {
    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        self.init(start: UInt(bitPattern: bytes.baseAddress), byteCount: bytes.count)
    }
}
