import Linux
import Synchronization
package import TCPModel

/// Sees kernel TLS on sockets that a process of the PID namespace holds, by an iteration over the descriptors
/// of all processes.
///
/// It reads the kernel's memory, and waits for no socket's lock. It costs about half of what netlink's dump
/// of the table does, for all network namespaces at once.
package final class BPFKernelTLS: HeldKernelTLSSource {
    /// After an iteration that failed, so many questions go without.
    private static let restingQuestionsMax = 64
    /// How long one iteration may take. Processes can share a table of descriptors, and each has it in its
    /// own name: who makes many of them makes an iteration as long as they like.
    private static let timeMax = Duration.seconds(1)

    private struct State {
        var program = LazyIterator()
        /// How many questions still go without an iteration, and why.
        var restingQuestions = 0
        var problem: IterationError?
    }

    private let load: @Sendable () throws(DescriptorIteratorError) -> any DescriptorIterating
    private let timeMax: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - timeMax: How long one iteration may take.
    ///   - load: Loads the program, once some connection has kernel TLS.
    package init(
        timeMax: Duration = timeMax,
        load: @escaping @Sendable () throws(DescriptorIteratorError) -> any DescriptorIterating
    ) {
        self.timeMax = timeMax
        self.load = load
    }

    package func sockets(
        in namespace: UInt64
    ) throws(HeldKernelTLSError) -> [SocketInode: KernelTLS] {
        try state.withLock { state throws(HeldKernelTLSError) in
            guard let iterator = state.program.loaded(load) else { throw .unavailable }
            state.restingQuestions = max(0, state.restingQuestions - 1)
            if let problem = state.problem, state.restingQuestions > 0 {
                throw .failed("\(problem)")
            }
            do throws(IterationError) {
                let sweep = try KernelTLSSweep(iterator, in: namespace, until: .now + timeMax)
                state.problem = nil
                return sweep.sockets
            } catch {
                state.problem = error
                state.restingQuestions = Self.restingQuestionsMax
                throw .failed("\(error)")
            }
        }
    }
}
