import CMicroHTTPD
import Glibc
import Linux
import Synchronization

/// One running libmicrohttpd daemon: a listening socket, its threads and its connections.
@safe final class HTTPDaemon: Sendable {
    /// Nil once stopped. The lock is held while stopping, so that a second caller waits too.
    private let running: Mutex<RunningDaemon?>
    /// What the callbacks refer to; C keeps its address, so it must outlive the daemon.
    private let dispatcher: RequestDispatcher

    /// Starts serving, or returns nil, and owns the socket either way.
    init?(
        serving socket: consuming ListeningSocket, limits: ServerLimits,
        dispatcher: RequestDispatcher
    ) {
        let parts = socket.release()
        let file = parts.file
        let descriptor = parts.descriptor.release()
        let identity = inode(of: descriptor)
        guard let daemon = unsafe start(descriptor, limits, dispatcher) else {
            // Whether libmicrohttpd closes the socket depends on why it fails. The inode tells:
            // the number may be another thread's new descriptor by now.
            if identity == inode(of: descriptor) { _ = close(descriptor) }
            return nil
        }
        running = unsafe Mutex(RunningDaemon(file: file, daemon: daemon))
        self.dispatcher = dispatcher
    }

    /// Removes the socket's file, closes the socket and all connections and ends the threads. No
    /// connection may be suspended, and the caller must not be one of the daemon's own threads. Later
    /// calls do nothing.
    func stop() {
        running.withLock { running in
            guard var stopping = running.take() else { return }
            stopping.file = nil
            unsafe MHD_stop_daemon(stopping.daemon)
        }
    }

    deinit {
        stop()
    }
}

/// libmicrohttpd's daemon and what goes before it.
///
/// Unchecked: any thread may stop the daemon, by libmicrohttpd's contract.
@safe private struct RunningDaemon: ~Copyable, @unchecked Sendable {
    /// The socket's file, where the socket has made one.
    var file: UnixSocketFile?
    let daemon: OpaquePointer

    init(file: consuming UnixSocketFile?, daemon: OpaquePointer) {
        self.file = file
        unsafe self.daemon = daemon
    }
}

private func start(
    _ descriptor: CInt, _ limits: ServerLimits, _ dispatcher: RequestDispatcher
) -> OpaquePointer? {
    let isSecure = dispatcher.security != nil
    let dispatcher = unsafe Unmanaged.passUnretained(dispatcher).toOpaque()
    var options = unsafe makeOptions(descriptor, limits, dispatcher: dispatcher, isSecure: isSecure)
    // Not poll: libmicrohttpd then drops a client that ends its direction before its answer.
    // libmicrohttpd suppresses SIGPIPE in its own threads (microhttpd.h, at
    // MHD_OPTION_SIGPIPE_HANDLED_BY_APP).
    let flags =
        MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
        | MHD_USE_ERROR_LOG.rawValue | (isSecure ? MHD_USE_TLS.rawValue : 0)
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
    _ descriptor: CInt, _ limits: ServerLimits, dispatcher: UnsafeMutableRawPointer, isSecure: Bool
) -> [MHD_OptionItem] {
    // First, or messages about the other options go to standard error.
    var options = unsafe [
        makeOption(.EXTERNAL_LOGGER, address(of: handleLog), dispatcher),
        makeOption(.NOTIFY_COMPLETED, address(of: handleCompletion), dispatcher),
        makeOption(.LISTEN_SOCKET, Int(descriptor)),
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

/// A socket's inode is its alone as long as it is open.
private func inode(of descriptor: CInt) -> ino_t? {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? status.st_ino : nil
}
