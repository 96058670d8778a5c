import Exposition
import TCPModel

/// Something that is wrong by the thresholds of the alerts, with what a person needs to look further.
struct Problem {
    /// Those of the alerts, in words.
    enum Severity: Int, Comparable {
        case notice, warning, critical

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    /// A number in the tables.
    enum Cell: Hashable {
        case connections(PageModule, TCPState)
        /// What a listener has dropped, by its labels and its namespace.
        case drops(LabelSet, namespace: String)
    }

    var severity: Severity
    var title: String
    /// Nil where it is the whole host's.
    var module: PageModule?
    /// The number in the tables that shows it; nil where it is a queue, or the whole host's.
    var cell: Cell?
    /// What says where: ports, processes.
    var places: [String] = []
    var text: String
    /// What shows more, for a shell.
    var command: String
    /// How many connections it is about, or what is like that: the greatest comes first.
    var weight: Double
}
