import Linux
import SystemPackage

extension DescriptorIterating {
    /// Iterates, and goes through the records.
    ///
    /// - Parameters:
    ///   - byteCount: Of a record.
    ///   - deadline: When to give up; nil is never.
    ///   - body: Is given bytes, and where in them a whole record begins.
    func readAll(
        _ byteCount: Int, until deadline: MonotonicTime?,
        _ body: (_ bytes: [UInt8], _ start: Int) throws(IterationError) -> Void
    ) throws(IterationError) {
        let iteration = try Self.failing { () throws(Errno) in try start() }
        while true {
            let chunk = try Self.failing { () throws(Errno) in try iteration.nextOrNil() }
            if chunk?.isEmpty == true { return }
            if let deadline, deadline <= .now { throw .tooSlow }
            guard let chunk else { continue }
            guard chunk.count % byteCount == 0 else { throw .malformed }
            for start in stride(from: 0, to: chunk.count, by: byteCount) {
                try body(chunk, start)
            }
        }
    }

    private static func failing<Result>(
        _ body: () throws(Errno) -> Result
    ) throws(IterationError) -> Result {
        do throws(Errno) { return try body() } catch { throw .failed(error) }
    }
}

extension DescriptorIteration {
    /// Nil where the kernel wants to be asked again.
    fileprivate func nextOrNil() throws(Errno) -> [UInt8]? {
        do throws(Errno) { return try next() } catch {
            guard error == .resourceTemporarilyUnavailable else { throw error }
            return nil
        }
    }
}

/// Why an iteration told nothing.
enum IterationError: Error, Equatable, CustomStringConvertible {
    case failed(Errno)
    case malformed
    case tooSlow
    case tooMany(Int)

    var description: String {
        switch self {
        case .failed(let errno): "the BPF iterator over descriptors failed: \(errno)"
        case .malformed: "the BPF iterator over descriptors told something else than was asked"
        case .tooSlow: "the BPF iterator over descriptors takes too long"
        case .tooMany(let count): "the BPF iterator found more than \(count) descriptors of sockets"
        }
    }
}
