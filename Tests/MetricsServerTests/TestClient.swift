import Foundation
import Glibc

/// A client on a raw socket, so that tests decide about every byte and every end of a connection.
/// It waits ten seconds at most for anything.
final class TestClient {
    struct Failure: Error {
        let what: String
        let code: CInt
    }

    struct Response {
        let status: Int
        /// By lowercase name.
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private let descriptor: CInt
    private var received: [UInt8] = []

    init(port: UInt16, ipv6: Bool = false) throws {
        descriptor = socket(ipv6 ? AF_INET6 : AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        let byteCount = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, byteCount)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, byteCount)
        try check(ipv6 ? connectIPv6(port) : connectIPv4(port), "connect")
    }

    deinit {
        close(descriptor)
    }

    private func connectIPv4(_ port: UInt16) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) {
            unsafe connect(
                descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }

    private func connectIPv6(_ port: UInt16) -> CInt {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        unsafe inet_pton(AF_INET6, "::1", &address.sin6_addr)
        return unsafe withUnsafePointer(to: &address) {
            unsafe connect(
                descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
    }

    private func check(_ result: Int, _ what: String) throws {
        if result < 0 { throw Failure(what: what, code: errno) }
    }

    private func check(_ result: CInt, _ what: String) throws { try check(Int(result), what) }
}

extension TestClient {
    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return unsafe Glibc.send(
                    descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
            }
            try check(count, "send")
            sent += count
        }
    }

    /// Ends this direction; answers can still be read.
    func finishSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Closes with a reset, as a killed host would, when the client is dropped.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        let byteCount = socklen_t(MemoryLayout<linger>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, byteCount)
    }

    /// Reads the next response of the connection.
    func readResponse(toHead: Bool = false) throws -> Response {
        while true {
            if let end = endOfHeaders() {
                return try parse(headersUpTo: end, toHead: toHead)
            }
            guard try readMore() else { throw Failure(what: "closed within headers", code: 0) }
        }
    }

    /// Reads whatever comes until the server closes the connection; a reset is an end too.
    func readToEnd() throws -> [UInt8] {
        do {
            while try readMore() {}
        } catch let failure as Failure where failure.code == ECONNRESET {}
        defer { received = [] }
        return received
    }

    /// One request on this connection.
    func get(_ path: String, method: String = "GET") throws -> Response {
        try send("\(method) \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        return try readResponse(toHead: method == "HEAD")
    }
}

extension TestClient {
    private func readMore() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        try check(count, "recv")
        received += buffer[..<count]
        return count > 0
    }

    private func endOfHeaders() -> Int? {
        Data(received).range(of: Data("\r\n\r\n".utf8))?.upperBound
    }

    private func parse(headersUpTo end: Int, toHead: Bool) throws -> Response {
        let lines = String(decoding: received[..<(end - 4)], as: UTF8.self)
            .components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let byteCount = toHead ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
        while received.count < end + byteCount {
            guard try readMore() else { throw Failure(what: "closed within the body", code: 0) }
        }
        let body = Array(received[end..<(end + byteCount)])
        received.removeFirst(end + byteCount)
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Response(status: status ?? 0, headers: headers, body: body)
    }
}
