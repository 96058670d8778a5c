import CLinux
import Glibc
package import SystemPackage

/// Tells a thread to stop, also while it waits for a descriptor.
package struct StopSignal: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// The corresponding C function is `eventfd`.
    package init() throws(Errno) {
        descriptor = Descriptor(owning: try systemCall { clinux_open_event() })
    }

    /// Any thread may call, several times too.
    package borrowing func send() {
        let number = descriptor.rawValue
        var one: UInt64 = 1
        // It fails only where the counter is full, and then the signal was sent.
        _ = retryingOnInterrupt { unsafe write(number, &one, MemoryLayout<UInt64>.size) }
    }

    /// Waits until the other descriptor is readable or has an error; false once the signal was sent.
    ///
    /// The corresponding C function is `poll`.
    package borrowing func waitForInput(on other: CInt) -> Bool {
        wait(for: [descriptor.rawValue, other], milliseconds: -1)
    }

    /// Waits for that time; false once the signal was sent.
    package borrowing func pause(milliseconds: CInt) -> Bool {
        wait(for: [descriptor.rawValue], milliseconds: milliseconds)
    }

    private borrowing func wait(for descriptors: [CInt], milliseconds: CInt) -> Bool {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = retryingOnInterrupt { unsafe poll(&polled, nfds_t(polled.count), milliseconds) }
        return polled[0].revents == 0
    }
}
