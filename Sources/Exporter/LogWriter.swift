import Glibc
import Linux

/// Writes log lines to a descriptor on a thread of its own, so that no other thread waits for whoever reads
/// them. When too many wait, further ones are dropped and counted.
package final class LogWriter: Sendable {
    /// The process's own.
    package static let standardError = LogWriter(STDERR_FILENO)

    /// Of the lines that wait; some thousand of them.
    static let queueByteCountMax = 256 * 1024

    private struct State {
        var lines: [[UInt8]] = []
        var byteCount = 0
        var isWriting = false
        var hasThread = false
        var droppedCount: UInt64 = 0
    }

    private let descriptor: CInt
    private let state = ConditionLock(State())

    init(_ descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Lines that were dropped, and those that could not be written.
    package var droppedCount: UInt64 { state.update { $0.droppedCount } }

    /// Takes a line, and its end of line, to be written soon.
    func write(_ line: [UInt8]) {
        let mustStart = state.update { state in
            guard state.byteCount + line.count <= Self.queueByteCountMax else {
                state.droppedCount += 1
                return false
            }
            state.lines.append(line)
            state.byteCount += line.count
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if mustStart { Thread.detach { [self] in run() } }
    }

    /// Waits until all lines are written; for that long at most.
    package func flush(within duration: Duration = .seconds(1)) {
        _ = state.wait(until: .now + duration) { state in
            state.lines.isEmpty && !state.isWriting ? true : nil
        }
    }

    private func run() {
        while true {
            let lines = state.wait { state -> [[UInt8]]? in
                state.isWriting = !state.lines.isEmpty
                state.byteCount = 0
                defer { state.lines = [] }
                return state.isWriting ? state.lines : nil
            }
            for line in lines ?? [] where !writeAll(line) {
                state.update { $0.droppedCount += 1 }
            }
            state.update { $0.isWriting = false }
        }
    }

    /// One `write(2)`, so that lines never mix; more only where the kernel takes a part.
    private func writeAll(_ line: [UInt8]) -> Bool {
        var rest = line[...]
        while !rest.isEmpty {
            let count = retryingOnInterrupt {
                unsafe rest.withUnsafeBytes {
                    unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
                }
            }
            if count < 0 {
                guard errno == EAGAIN else { return false }
                // Somebody else has made the descriptor non-blocking.
                var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&polled, 1, -1)
            }
            rest = rest.dropFirst(max(0, count))
        }
        return true
    }
}
