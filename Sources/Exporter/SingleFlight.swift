import Linux
import Synchronization

/// Work that is done once for all who ask for it while it is under way.
///
/// A hundred scrapers at the same time cost one pass over the table. The work runs on a thread of its
/// own, so that no server thread waits for it.
package final class SingleFlight<Value: Sendable>: Sendable {
    private struct Passenger {
        let isWaiting: @Sendable () -> Bool
        let deliver: @Sendable (Value) -> Void
    }

    private struct State {
        var isFlying = false
        var passengers: [Passenger] = []
        /// From so many on it is worth looking who has gone.
        var countToLook = SingleFlight.countToLookMin

        /// Half of those looked at may stay for each time of looking, so that it costs a constant each.
        mutating func add(_ passenger: Passenger) {
            if passengers.count >= countToLook {
                passengers.removeAll { !$0.isWaiting() }
                countToLook = max(SingleFlight.countToLookMin, passengers.count * 2)
            }
            passengers.append(passenger)
        }
    }

    private static var countToLookMin: Int { 64 }

    private let work: @Sendable () -> Value
    private let state = Mutex(State())

    package init(work: @escaping @Sendable () -> Value) {
        self.work = work
    }

    /// Calls `deliver` with the result of the flight under way, else of a new one; from another thread.
    ///
    /// - Parameter isWaiting: Whether a result is still wanted. Those who want none any more are not
    ///   called, and forgotten in good time: a flight that lasts must not gather them without end.
    package func request(
        while isWaiting: @escaping @Sendable () -> Bool = { true },
        _ deliver: @escaping @Sendable (Value) -> Void
    ) {
        let isFirst = state.withLock { state in
            state.add(Passenger(isWaiting: isWaiting, deliver: deliver))
            defer { state.isFlying = true }
            return !state.isFlying
        }
        if isFirst { Thread.detach { [self] in fly() } }
    }

    /// How many are remembered, those included who have gone and were not looked at yet.
    var passengerCount: Int { state.withLock { $0.passengers.count } }

    private func fly() {
        let value = work()
        let passengers = state.withLock { state in
            defer { state = State() }
            return state.passengers
        }
        for passenger in passengers where passenger.isWaiting() { passenger.deliver(value) }
    }
}
