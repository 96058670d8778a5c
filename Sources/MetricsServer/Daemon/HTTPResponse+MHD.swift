import CMicroHTTPD
import Synchronization

extension HTTPResponse {
    /// The response in libmicrohttpd's form, which reads the body from where it is; `nil` when
    /// there is no memory. To be freed by `MHD_destroy_response`.
    fileprivate func makeMHDResponse() -> OpaquePointer? {
        guard let response = unsafe wrapBody() else { return nil }
        unsafe add("Content-Type", contentType, to: response)
        for header in headers {
            unsafe add(header.name, header.value, to: response)
        }
        return unsafe response
    }

    /// The box is retained here and released by `releaseBody`, or at once on failure.
    private func wrapBody() -> OpaquePointer? {
        let box = BodyBox(body)
        let retained = unsafe Unmanaged.passRetained(box)
        let response = unsafe box.bytes.withUnsafeBytes { bytes in
            unsafe MHD_create_response_from_buffer_with_free_callback_cls(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), releaseBody,
                retained.toOpaque())
        }
        if unsafe response == nil { unsafe retained.release() }
        return unsafe response
    }
}

/// A response in libmicrohttpd's form, made when first needed, and kept: some are sent again and again, and
/// each scrape's to all who have asked for it.
///
/// libmicrohttpd counts the references to a response, and any thread may queue it.
@safe final class MHDResponse: Sendable {
    private let pointer: Mutex<OpaquePointer?>

    init() {
        unsafe pointer = Mutex(nil)
    }

    /// The response, valid as long as this object; `nil` when there is no memory.
    func pointer(for response: HTTPResponse) -> OpaquePointer? {
        unsafe pointer.withLock { pointer in
            if let native = unsafe pointer { return unsafe native }
            unsafe pointer = response.makeMHDResponse()
            return unsafe pointer
        }
    }

    deinit {
        unsafe pointer.withLock { pointer in
            if let native = unsafe pointer { unsafe MHD_destroy_response(native) }
        }
    }
}

private func add(_ name: String, _ value: String, to response: OpaquePointer) {
    let added = unsafe MHD_add_response_header(response, name, value)
    precondition(added == .YES, "libmicrohttpd refuses the header \(name)")
}

/// Keeps a body's bytes where they are. The address of an array's bytes is promised only within
/// `withUnsafeBytes`; on Linux an array is one block on the heap, which nobody can move while this
/// constant refers to it.
private final class BodyBox {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }
}

private nonisolated func releaseBody(_ box: UnsafeMutableRawPointer?) {
    guard let box = unsafe box else { return }
    unsafe Unmanaged<BodyBox>.fromOpaque(box).release()
}
