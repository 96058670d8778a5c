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

    /// The request's headers, copied.
    var headers: [(name: String, value: String)] { values(.HEADER_KIND) }

    /// The arguments in the request's path, decoded and copied.
    var query: [(name: String, value: String)] { values(.GET_ARGUMENT_KIND) }

    /// Bounded by `ServerLimits.connectionMemoryBytes`, into which they all have been read.
    private func values(_ kind: MHD_ValueKind) -> Pairs {
        var pairs: Pairs = []
        unsafe withUnsafeMutablePointer(to: &pairs) { pairs in
            _ = unsafe MHD_get_connection_values_n(pointer, kind, collectPair, pairs)
        }
        return pairs
    }
}

private typealias Pairs = [(name: String, value: String)]

private nonisolated func collectPair(
    into target: UnsafeMutableRawPointer?, kind: MHD_ValueKind,
    name: UnsafePointer<CChar>?, nameByteCount: Int,
    value: UnsafePointer<CChar>?, valueByteCount: Int
) -> MHD_Result {
    guard let target = unsafe target else { return .NO }
    let pair = unsafe (name: text(name, nameByteCount), value: text(value, valueByteCount))
    unsafe target.assumingMemoryBound(to: Pairs.self).pointee.append(pair)
    return .YES
}

private func text(_ start: UnsafePointer<CChar>?, _ byteCount: Int) -> String {
    unsafe String(
        decoding: UnsafeRawBufferPointer(start: start, count: byteCount), as: UTF8.self)
}
