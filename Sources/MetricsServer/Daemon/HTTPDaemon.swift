import CMicroHTTPD
import Glibc
import Linux
import Synchronization

/// The running libmicrohttpd daemon: its threads and its connections.
@safe final class HTTPDaemon: Sendable {
    /// Nil once stopped. The lock is held while stopping, so that a second caller waits too.
    private let daemon: Mutex<OpaquePointer?>
    /// What the callbacks refer to; C keeps its address, so it must outlive the daemon.
    private let dispatcher: RequestDispatcher

    /// Starts the threads, or returns nil.
    init?(_ limits: ServerLimits, _ dispatcher: RequestDispatcher) {
        guard let started = unsafe start(limits, dispatcher) else { return nil }
        unsafe daemon = Mutex(started)
        self.dispatcher = dispatcher
    }

    /// Serves a connection. Any thread may call.
    func add(_ connection: consuming Descriptor, from address: SocketAddress) {
        // libmicrohttpd closes it, whatever comes of it.
        let number = connection.release()
        let isAdded = unsafe daemon.withLock { daemon in
            guard let running = unsafe daemon else {
                _ = Descriptor(owning: number)
                return false
            }
            return unsafe address.withPointer { address, byteCount in
                unsafe MHD_add_connection(running, number, address, byteCount) == .YES
            }
        }
        if !isAdded { dispatcher.connections.close(number) }
    }

    /// Ends the threads. The caller must not be one of them, nothing may be added any more, and all
    /// connections must be closed: libmicrohttpd 0.9.75 crashes when it is stopped while it answers a
    /// malformed request of its own accord (`transmit_error_response_len`), and panics when a connection is
    /// suspended. Later calls do nothing.
    func stop() {
        unsafe daemon.withLock { daemon in
            guard let running = unsafe daemon else { return }
            unsafe MHD_stop_daemon(running)
            unsafe daemon = nil
        }
    }

    deinit {
        stop()
    }
}

private func start(_ limits: ServerLimits, _ dispatcher: RequestDispatcher) -> OpaquePointer? {
    let isSecure = dispatcher.security != nil
    let dispatcher = unsafe Unmanaged.passUnretained(dispatcher).toOpaque()
    var options = unsafe makeOptions(limits, dispatcher: dispatcher, isSecure: isSecure)
    // Not poll: libmicrohttpd then drops a client that ends its direction before its answer.
    // libmicrohttpd suppresses SIGPIPE in its own threads (microhttpd.h, at
    // MHD_OPTION_SIGPIPE_HANDLED_BY_APP).
    let flags =
        MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
        | MHD_USE_NO_LISTEN_SOCKET.rawValue | MHD_USE_ERROR_LOG.rawValue
        | (isSecure ? MHD_USE_TLS.rawValue : 0)
    return unsafe options.withUnsafeMutableBufferPointer { options -> OpaquePointer? in
        guard let array = options.baseAddress else { return nil }
        let variadic: [any CVarArg] = unsafe [
            MHD_OPTION.ARRAY.rawValue, OpaquePointer(array), MHD_OPTION.END.rawValue,
        ]
        return unsafe withVaList(variadic) {
            unsafe MHD_start_daemon_va(flags, 0, nil, nil, handleAccess, dispatcher, $0)
        }
    }
}

private func makeOptions(
    _ limits: ServerLimits, dispatcher: UnsafeMutableRawPointer, isSecure: Bool
) -> [MHD_OptionItem] {
    // First, or messages about the other options go to standard error.
    var options = unsafe [
        makeOption(.EXTERNAL_LOGGER, address(of: handleLog), dispatcher),
        makeOption(.NOTIFY_COMPLETED, address(of: handleCompletion), dispatcher),
        makeOption(.URI_LOG_CALLBACK, address(of: handleTarget), dispatcher),
        makeOption(.NOTIFY_CONNECTION, address(of: handleConnection), dispatcher),
        makeOption(.CONNECTION_LIMIT, limits.daemonConnectionsMax),
        makeOption(.CONNECTION_TIMEOUT, limits.idleTimeoutSeconds),
        makeOption(.CONNECTION_MEMORY_LIMIT, limits.connectionMemoryBytes),
        makeOption(.STRICT_FOR_CLIENT, 1),
    ]
    if isSecure {
        let callback: CertificateCallback = unsafe refuseToChooseCertificate
        unsafe options.append(
            makeOption(
                .HTTPS_CERT_CALLBACK, 0, unsafeBitCast(callback, to: UnsafeMutableRawPointer.self)))
    }
    // A pool of one is the daemon's own thread; asking for it is warned about.
    if limits.workerThreads > 1 {
        unsafe options.append(makeOption(.THREAD_POOL_SIZE, limits.workerThreads))
    }
    unsafe options.append(makeOption(.END, 0))
    return unsafe options
}

/// `gnutls_certificate_retrieve_function2`, by the sizes of its parameters.
private typealias CertificateCallback =
    @convention(c) (
        OpaquePointer?, OpaquePointer?, CInt, OpaquePointer?, CInt, OpaquePointer?, OpaquePointer?,
        OpaquePointer?
    ) -> CInt

private func makeOption(
    _ option: MHD_OPTION, _ value: Int, _ pointer: UnsafeMutableRawPointer? = nil
) -> MHD_OptionItem {
    unsafe MHD_OptionItem(option: option, value: value, ptr_value: pointer)
}

/// C functions travel as numbers in an array of options.
private func address(of callback: @escaping MHD_LogCallback) -> Int {
    unsafe unsafeBitCast(callback, to: Int.self)
}

private func address(
    of callback:
        @convention(c) (
            UnsafeMutableRawPointer?, OpaquePointer?,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?, MHD_RequestTerminationCode
        ) -> Void
) -> Int {
    unsafe unsafeBitCast(callback, to: Int.self)
}

private func address(
    of callback:
        @convention(c) (
            UnsafeMutableRawPointer?, OpaquePointer?,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?, MHD_ConnectionNotificationCode
        ) -> Void
) -> Int {
    unsafe unsafeBitCast(callback, to: Int.self)
}

private func address(
    of callback:
        @convention(c) (
            UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?
        ) -> UnsafeMutableRawPointer?
) -> Int {
    unsafe unsafeBitCast(callback, to: Int.self)
}
