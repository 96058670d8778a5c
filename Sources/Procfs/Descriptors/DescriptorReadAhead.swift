import Glibc
import Linux
import TCPModel

/// Reads the descriptors of the last of many processes on a second thread, while the caller reads those of
/// the first, until the two meet.
final class DescriptorReadAhead: Sendable {
    /// From so many descriptors on, a second thread is worth starting.
    private static let descriptorsMin: Int64 = 20_000
    /// What the caller has not taken yet takes no more memory than 32 MiB.
    private static let socketsMax = 1 << 22

    /// Larger processes are the caller's, who looks at the clock in between: he waits for no more than this.
    private static let descriptorsMax = 65_536

    /// All that one process holds.
    struct Reading: Sendable {
        var identity: ProcessIdentity?
        var sockets: [HeldSocket] = []
        var rings: [UInt32] = []
        /// How many descriptors it had before; 0 when they were not read to the end.
        var count: Int64 = 0
        var failure: FileError?
    }

    private struct State {
        /// The processes before the first place are the caller's, those from the second on the thread's.
        var front = 0
        var back: Int
        /// Nil is what turned out to be the caller's.
        var readings: [Int: Reading?] = [:]
        var socketCount = 0
    }

    private let procfs: ProcFS
    private let descriptorsMax: Int
    private let processes: [ProcessID]
    private let places: [ProcessID: Int]
    private let state: ConditionLock<State>

    /// Starts the thread; nil where it is not worth it, or there is none.
    ///
    /// - Parameters:
    ///   - processes: In the order in which the caller reads them.
    ///   - descriptorsMin: So many descriptors are worth it.
    ///   - descriptorsMax: A process with more is the caller's.
    init?(
        _ procfs: ProcFS, _ processes: [ProcessID], descriptorsMin: Int64 = descriptorsMin,
        descriptorsMax: Int = descriptorsMax
    ) {
        guard sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 else { return nil }
        var count: Int64 = 0
        for process in processes where count < descriptorsMin {
            count += procfs.descriptorTable(of: process)?.count ?? 0
        }
        guard count >= descriptorsMin else { return nil }
        self.procfs = procfs
        self.descriptorsMax = descriptorsMax
        self.processes = processes
        places = Dictionary(uniqueKeysWithValues: zip(processes, processes.indices))
        state = ConditionLock(State(back: processes.count))
        guard (try? Thread { [self] in run() }) != nil else { return nil }
    }

    /// What the thread has read of a process, as soon as it has; nil when the caller is to read it.
    func reading(of process: ProcessID) -> Reading? {
        guard let place = places[process] else { return nil }
        return state.wait { state -> Reading?? in
            if place < state.back {
                state.front = max(state.front, place + 1)
                return .some(nil)
            }
            guard let reading = state.readings.removeValue(forKey: place) else { return nil }
            state.socketCount -= reading?.sockets.count ?? 0
            return .some(reading)
        } ?? nil
    }

    /// Lets the thread end: nothing more is asked of it.
    func end() { state.update { $0.front = .max } }

    private func run() {
        while let place = claim() {
            let reading = read(processes[place])
            state.update { state in
                state.readings.updateValue(reading, forKey: place)
                state.socketCount += reading?.sockets.count ?? 0
            }
        }
    }

    private func claim() -> Int? {
        state.update { state in
            guard state.front < state.back, state.socketCount < Self.socketsMax else { return nil }
            state.back -= 1
            return state.back
        }
    }

    private func read(_ process: ProcessID) -> Reading? {
        var reading = Reading()
        do throws(FileError) {
            reading.identity = try procfs.identity(of: process)
            let descriptors = try procfs.descriptors(of: process)
            let isLarge = try descriptors.next(
                &reading.sockets, descriptorsMax: descriptorsMax)
            guard !isLarge else { return nil }
            if let refusal = descriptors.refusal {
                reading.failure = descriptors.error(refusal)
            } else {
                reading.count = descriptors.initialCount
                reading.rings = descriptors.rings
            }
        } catch {
            reading.failure = error
        }
        return reading
    }
}
