package import TCPModel

extension ConnectionSource {
    /// Reads a table whole.
    package mutating func rows() throws(ConnectionSourceError) -> (
        rows: [TCPConnection], attempts: Int, outcome: DumpOutcome
    ) {
        var rows: [TCPConnection] = []
        var attempts = 1
        var step: [TCPConnection] = []
        while true {
            switch try next(&step) {
            case .rows: rows += step
            case .restarted:
                rows = []
                attempts += 1
            case .complete(let outcome): return (rows, attempts, outcome)
            }
        }
    }
}
