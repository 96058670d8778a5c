import Glibc
import Synchronization

/// Work that is done once for all who ask for it while it is under way.
///
/// A hundred scrapers at the same time cost one pass over the table. The work runs on a thread of its
/// own, so that no server thread waits for it.
package final class SingleFlight<Value: Sendable>: Sendable {
    private let work: @Sendable () -> Value
    private let waiting = Mutex<[@Sendable (Value) -> Void]>([])

    package init(work: @escaping @Sendable () -> Value) {
        self.work = work
    }

    /// Calls `deliver` with the result of the flight under way, else of a new one; from another thread.
    package func request(_ deliver: @escaping @Sendable (Value) -> Void) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(deliver)
            return waiting.count == 1
        }
        if isFirst { DetachedThread.run { [self] in fly() } }
    }

    private func fly() {
        let value = work()
        let passengers = waiting.withLock { waiting in
            defer { waiting.removeAll() }
            return waiting
        }
        for deliver in passengers { deliver(value) }
    }
}

/// A thread that runs one closure and ends (`pthread_create(3)`).
enum DetachedThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Runs the closure on a new thread, or on the calling one where the system has none left.
    static func run(_ body: @escaping @Sendable () -> Void) {
        let context = unsafe Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        if status == 0 {
            pthread_detach(thread)
        } else {
            unsafe context.takeRetainedValue().run()
        }
    }
}
