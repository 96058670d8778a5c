import CMicroHTTPD
import Glibc

// The functions that libmicrohttpd calls, on its own threads. The first argument of each is the
// `RequestDispatcher` of its daemon, which outlives the daemon.

/// `MHD_OPTION_URI_LOG_CALLBACK`: with the target of each request before it is decoded. Returns the context
/// of the request, which `handleCompletion` releases.
nonisolated func handleTarget(
    dispatcher: UnsafeMutableRawPointer?, target: UnsafePointer<CChar>?, connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    let bytes = unsafe target.map { target in
        unsafe Array(UnsafeRawBufferPointer(start: target, count: strlen(target)))
    }
    // libmicrohttpd 0.9.75 takes memory for each argument, and a request with so many that it runs out
    // gets no response. We read the arguments ourselves: it finds none when they end where they begin.
    if let target = unsafe target, let mark = unsafe strchr(target, CInt(UInt8(ascii: "?"))),
        unsafe mark[1] != 0
    {
        unsafe mark[1] = 0
    }
    return unsafe Unmanaged.passRetained(RequestContext(target: bytes ?? [])).toOpaque()
}

/// `MHD_AccessHandlerCallback`: once when the headers are there, once for each part of a body, and
/// then until there is a response.
nonisolated func handleAccess(
    dispatcher: UnsafeMutableRawPointer?, connection: OpaquePointer?, path: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?,
    bodyPart: UnsafePointer<CChar>?, bodyPartByteCount: UnsafeMutablePointer<Int>?,
    context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let connection = unsafe connection, let path = unsafe path, let method = unsafe method,
        let version = unsafe version, let bodyPartByteCount = unsafe bodyPartByteCount,
        let context = unsafe context
    else { return .NO }
    let dispatcher = unsafe recover(RequestDispatcher.self, from: dispatcher)
    let request = unsafe recover(RequestContext.self, from: context.pointee)
    let client = unsafe ClientConnection(connection)
    guard request.isOpen else {
        let head = unsafe RequestHead(
            methodText: String(cString: method), method: part(method),
            target: RequestHead.Part(
                start: UInt(bitPattern: path), byteCount: request.target.count),
            version: part(version), fields: client.headerFields, byteCount: client.headByteCount)
        return dispatcher.begin(request, head, on: client)
    }
    guard unsafe bodyPartByteCount.pointee == 0 else {
        defer { unsafe bodyPartByteCount.pointee = 0 }
        return unsafe dispatcher.discardBody(bodyPartByteCount.pointee, of: request)
    }
    return dispatcher.proceed(with: request, on: client)
}

private func part(_ text: UnsafePointer<CChar>) -> RequestHead.Part {
    unsafe RequestHead.Part(start: UInt(bitPattern: text), byteCount: strlen(text))
}

/// `MHD_RequestCompletedCallback`: for each request that `handleTarget` has seen, at its end.
nonisolated func handleCompletion(
    dispatcher: UnsafeMutableRawPointer?, connection: OpaquePointer?,
    context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, cause: MHD_RequestTerminationCode
) {
    guard let context = unsafe context, let known = unsafe context.pointee else { return }
    unsafe context.pointee = nil
    let request = unsafe Unmanaged<RequestContext>.fromOpaque(known).takeRetainedValue()
    let dispatcher = unsafe recover(RequestDispatcher.self, from: dispatcher)
    if cause == .REQUEST_TERMINATED_COMPLETED_OK, let connection = unsafe connection {
        let connection = unsafe ClientConnection(connection)
        connection.noticeEnd()
        dispatcher.connections.move(connection.descriptor, to: .reading)
    }
    request.response?.abandon()
    if request.isOpen { dispatcher.requests.close(request.response) }
}

/// `MHD_NotifyConnectionCallback`: when a connection is taken up, and before it is closed.
nonisolated func handleConnection(
    dispatcher: UnsafeMutableRawPointer?, connection: OpaquePointer?,
    context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    event: MHD_ConnectionNotificationCode
) {
    guard let connection = unsafe connection else { return }
    let dispatcher = unsafe recover(RequestDispatcher.self, from: dispatcher)
    let client = unsafe ClientConnection(connection)
    switch event {
    case .CONNECTION_NOTIFY_STARTED:
        dispatcher.connections.start(client.descriptor)
        if let security = dispatcher.security, let session = unsafe client.session {
            unsafe context?.pointee = Unmanaged.passRetained(security.secure(session)).toOpaque()
        }
    case .CONNECTION_NOTIFY_CLOSED:
        dispatcher.connections.close(client.descriptor)
        // libmicrohttpd has freed the session before.
        if let settings = unsafe context?.pointee {
            unsafe Unmanaged<AnyObject>.fromOpaque(settings).release()
        }
    }
}

/// libmicrohttpd does not start without a way to a certificate. This one is never called: each session
/// has credentials of its own.
nonisolated func refuseToChooseCertificate(
    session: OpaquePointer?, authorities: OpaquePointer?, authorityCount: CInt,
    algorithms: OpaquePointer?, algorithmCount: CInt, certificates: OpaquePointer?,
    certificateCount: OpaquePointer?, key: OpaquePointer?
) -> CInt {
    -1
}

/// `MHD_LogCallback`: one message of the library.
nonisolated func handleLog(
    dispatcher: UnsafeMutableRawPointer?, format: UnsafePointer<CChar>?,
    arguments: CVaListPointer?
) {
    guard let format = unsafe format, let arguments = unsafe arguments else { return }
    let messageBytesMax = 512
    let message = unsafe withUnsafeTemporaryAllocation(
        of: CChar.self, capacity: messageBytesMax
    ) { buffer -> String? in
        guard let start = buffer.baseAddress,
            unsafe vsnprintf(start, buffer.count, format, arguments) >= 0
        else { return nil }
        return unsafe String(cString: start)
    }
    guard let message else { return }
    let dispatcher = unsafe recover(RequestDispatcher.self, from: dispatcher)
    if let status = ownResponseStatus(message) { dispatcher.connections.count(status: status) }
    dispatcher.log(singleLine(message))
}

/// The status that libmicrohttpd has answered of its own accord: of requests that never reach us,
/// this message is the only trace. The message begins with libmicrohttpd's own text, which no client can write.
private func ownResponseStatus(_ message: String) -> Int? {
    let beginning = "Error processing request (HTTP response code is "
    guard message.hasPrefix(beginning) else { return nil }
    return Int(message.dropFirst(beginning.count).prefix { $0.isWholeNumber })
}

/// Some messages quote clients, and a line break would forge another message.
private func singleLine(_ message: String) -> String {
    let printable = message.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }
    return String(String.UnicodeScalarView(printable))
}

private func recover<Object: AnyObject>(
    _: Object.Type, from pointer: UnsafeMutableRawPointer?
) -> Object {
    guard let pointer = unsafe pointer else {
        preconditionFailure("libmicrohttpd lost a pointer of ours")
    }
    return unsafe Unmanaged<Object>.fromOpaque(pointer).takeUnretainedValue()
}
