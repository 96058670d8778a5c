import CLinux
import Glibc
import Linux
import Synchronization
import SystemPackage

/// A thread that accepts the connections of one listening socket and hands them to the daemon.
///
/// libmicrohttpd could accept by itself. But then it could not be stopped safely (see `HTTPDaemon.stop`),
/// and stopping it would shut an inherited socket down for the processes after this one.
final class Acceptor: Sendable {
    private let connections: ConnectionTracker
    private let daemon: HTTPDaemon
    /// Until the thread takes it. Closed, and its file removed, when the thread ends.
    private let socket: Mutex<ListeningSocket?>
    private let stopSignal: StopSignal
    private let thread = Mutex<Thread?>(nil)

    /// Starts to accept.
    init(
        _ socket: consuming ListeningSocket, _ connections: ConnectionTracker, _ daemon: HTTPDaemon
    ) throws(Errno) {
        stopSignal = try StopSignal()
        self.socket = Mutex(socket)
        self.connections = connections
        self.daemon = daemon
        try thread.withLock { thread throws(Errno) in thread = try Thread { [self] in run() } }
    }

    /// Accepts nothing more, closes the socket and removes its file. Clients that were not accepted wait
    /// for whoever else has an inherited socket. Later calls do nothing.
    func stop() {
        stopSignal.send()
        thread.withLock { $0.take() }?.join()
    }

    private func run() {
        guard let socket = socket.withLock({ $0.take() }) else { return }
        let number = socket.rawValue
        while connections.awaitRoom(), stopSignal.waitForInput(on: number) {
            do throws(Errno) {
                try accept(number)
            } catch .wouldBlock, .connectionAbort {
                continue
            } catch {
                // No descriptor or memory is left: trying again at once would only take the processor.
                guard stopSignal.pause(milliseconds: Self.pauseMilliseconds) else { return }
            }
        }
    }

    private static let pauseMilliseconds: CInt = 100

    private func accept(_ listening: CInt) throws(Errno) {
        var address = SocketAddress()
        let number = try unsafe address.write { address, byteCount throws(Errno) in
            try systemCall { unsafe clinux_accept(listening, address, &byteCount) }
        }
        let descriptor = Descriptor(owning: number)
        connections.accept(number, from: ClientAddress(address))
        daemon.add(descriptor, from: address)
    }
}
