import CIPHelper
import TCPTable

/// The member `OwningModuleInfo` of a row. It identifies the row's owner for a later call, without
/// a new search and without mistaking another process that has since been given the same ID.
struct OwnerToken {
    /// The member as a C array of `TCPIP_OWNING_MODULE_SIZE` words.
    typealias Words = (
        ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG,
        ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG
    )

    let words: Words

    /// "TCPTABLE": marks the words as written here, not left over in the caller's memory.
    private static let marker: ULONGLONG = 0x5443_5054_4142_4C45

    /// What is known of a row without a visible owning process.
    enum Absence: ULONGLONG {
        /// Nobody holds the socket.
        case nobody = 1
        /// A process holds it that the caller may not look into.
        case protected
        /// The owner went away while it was looked for.
        case gone
    }

    /// The marker; the socket's cookie, inode and cgroup; the owner's start time and the hash of its
    /// command name; what is known if there is no owner, and whether the cgroup is a module. The rest
    /// is 0.
    init(_ row: TCPRow) {
        let process = row.process
        let absence = process == nil ? Absence(row).rawValue : 0
        words = (
            Self.marker, row.cookie, ULONGLONG(row.inode ?? 0), row.cgroupID ?? 0,
            process?.startTimeTicks ?? 0, process?.commandHash ?? 0, absence,
            row.module == nil ? 0 : 1, 0, 0, 0, 0, 0, 0, 0, 0
        )
    }

    init(_ words: Words) {
        self.words = words
    }

    /// The owner of an entry with this process ID; nil if no process can have that ID.
    func process(_ id: DWORD) -> OwningProcess? {
        guard let id = Int32(exactly: id), id > 0 else { return nil }
        guard words.0 == Self.marker, words.6 == 0 else { return OwningProcess(id: id) }
        return OwningProcess(id: id, startTimeTicks: words.4, commandHash: words.5)
    }

    /// Why the row has no owning process.
    var absence: Absence {
        guard words.0 == Self.marker else { return .nobody }
        return Absence(rawValue: words.6) ?? .nobody
    }

    /// The cgroup that the socket was created in; nil when it is not known.
    var cgroup: ULONGLONG? { words.0 == Self.marker && words.3 != 0 ? words.3 : nil }

    /// The service or container of the cgroup; nil when it was none, or is gone.
    var cgroupModule: OwnerModule? {
        guard words.7 != 0 else { return nil }
        return cgroup.flatMap(SharedCgroupModules.module)
    }
}

extension OwnerToken.Absence {
    /// - Parameter row: A row without an owning process.
    fileprivate init(_ row: TCPRow) {
        switch row.unattributedReason {
        case .partial: self = .gone
        case .protected, nil: self = row.inode == nil ? .nobody : .protected
        case .notFound, .ambiguous, .kernel: self = .nobody
        }
    }
}

/// A row that has `OwningModuleInfo` besides the process ID.
protocol OwnerModuleEntry: IPHelperRow {
    init()
    var dwOwningPid: DWORD { get }
    var OwningModuleInfo: OwnerToken.Words { get }
}

extension OwnerModuleEntry {
    /// The owner, if the entry has one.
    var process: OwningProcess? { token.process(dwOwningPid) }

    /// What the row's owner is found by.
    var token: OwnerToken { OwnerToken(OwningModuleInfo) }
}

extension MIB_TCPROW_OWNER_MODULE: OwnerModuleEntry {}
extension MIB_TCP6ROW_OWNER_MODULE: OwnerModuleEntry {}
