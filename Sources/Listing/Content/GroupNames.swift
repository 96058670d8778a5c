import ByteText
import Owners
import TCPModel

/// What people call groups.
struct GroupNames {
    private let programs: [Int32: String]
    private let namespaces: [String?]
    private let users: [UInt32: String]
    private let services: [UInt16: String]

    init(_ counts: GroupCounts) {
        programs = counts.programs
        namespaces = counts.namespaces
        var names = UserNames()
        var users: [UInt32: String] = [:]
        if counts.summary == .user {
            for case .user(let user) in counts.counts.keys { users[user] = names.name(of: user) }
        }
        self.users = users
        services = counts.summary == .port ? PortNames.all() : [:]
    }

    func program(_ process: Int32) -> String { programs[process] ?? "" }
    func user(_ user: UInt32) -> String? { users[user] }
    func service(_ port: UInt16) -> String? { services[port] }
    func namespace(_ number: Int) -> String? { namespaces[number] }

    /// Fills the columns before the counts.
    func fill(
        _ cells: inout CellBuffer, _ group: Group, _ summary: ListingOptions.Summary,
        _ charset: Charset
    ) {
        switch group {
        case .module(let module):
            cells.add(visible: module.name, charset)
            cells.add(module.kind.label)
        case .unattributed(let reason):
            cells.add(reason: reason)
            cells.add("-", .faint)
        case .process(let process):
            cells.add(visible: program(process), charset)
            cells.add(UInt64(process))
        case .user(let user): cells.add(visible: self.user(user) ?? String(user), charset)
        case .remote(let address):
            cells.add { bytes in
                let start = bytes.count
                bytes.append(address)
                return bytes.count - start
            }
        case .port(let port, let direction):
            cells.add(UInt64(port))
            cells.add(visible: service(port), charset)
            cells.add(direction.label)
        case .direction(let direction): cells.add(direction.label)
        case .namespace(let number): cells.add(visible: namespace(number), charset)
        case .none:
            for _ in GroupSummary.titles(summary) { cells.add("-", .faint) }
        }
    }

    /// What one of the columns before the counts sorts a group by.
    func sortKey(_ group: Group, _ column: Int) -> SortKey {
        switch group {
        case .module(let module):
            column == 0
                ? SortKey(port: UInt16(module.kind.rawValue), text: module.name)
                : .text(module.kind.label.description)
        // After all modules, in an order of their own.
        case .unattributed(let reason): SortKey(isMissing: true, rank: reason.rawValue)
        case .process(let process):
            column == 0
                ? SortKey(text: program(process) + "\0\(process)") : .number(process)
        case .user(let user): .text(self.user(user) ?? String(user))
        case .remote(let address): .endpoint(address, 0)
        case .port(let port, let direction):
            switch column {
            case 0: SortKey(number: UInt128(port), port: UInt16(direction.rawValue))
            case 1: .text(service(port))
            default: .number(direction.rawValue)
            }
        case .direction(let direction): .number(direction.rawValue)
        case .namespace(let number): .text(namespace(number))
        case .none: .missing
        }
    }
}
