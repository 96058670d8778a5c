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

    /// "TCPTABLE": marks words 4 and 5 as written here, not left over in the caller's memory.
    private static let marker: ULONGLONG = 0x5443_5054_4142_4C45

    /// The marker if the owner is known; the socket's cookie, inode and cgroup; the owner's start
    /// time and the hash of its command name. The rest is 0.
    init(_ row: TCPRow) {
        let process = row.process
        let isKnown = process?.startTimeTicks != nil && process?.commandHash != nil
        words = (
            isKnown ? Self.marker : 0, row.cookie, ULONGLONG(row.inode ?? 0), row.cgroupID ?? 0,
            process?.startTimeTicks ?? 0, process?.commandHash ?? 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0
        )
    }

    init(_ words: Words) {
        self.words = words
    }

    /// The owner of an entry with this process ID; nil if no process can have that ID.
    func process(_ id: DWORD) -> OwningProcess? {
        guard let id = Int32(exactly: id), id > 0 else { return nil }
        guard words.0 == Self.marker else { return OwningProcess(id: id) }
        return OwningProcess(id: id, startTimeTicks: words.4, commandHash: words.5)
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
    var process: OwningProcess? { OwnerToken(OwningModuleInfo).process(dwOwningPid) }
}

extension MIB_TCPROW_OWNER_MODULE: OwnerModuleEntry {}
extension MIB_TCP6ROW_OWNER_MODULE: OwnerModuleEntry {}
