import CIPHelper
import TCPTable

/// What a row keeps in `OwningModuleInfo` of its owner, so that it is told later whose the row was,
/// without a new search, and never another process that got its number since.
struct OwningModuleWords {
    /// The member as C has it, `TCPIP_OWNING_MODULE_SIZE` words.
    typealias Words = (
        ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG,
        ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG
    )

    let words: Words

    /// "TCPTABLE": the words 4 and 5 are an owner's, and not what a caller has left there.
    private static let marker: ULONGLONG = 0x5443_5054_4142_4C45

    /// The marker where the owner is known, the socket's cookie, inode and cgroup, the owner's start
    /// time and the hash of its command name; the rest is 0.
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

    /// The owner of an entry with this process number; nil for a number that no process has.
    func process(_ id: DWORD) -> OwningProcess? {
        guard let id = Int32(exactly: id), id > 0 else { return nil }
        guard words.0 == Self.marker else { return OwningProcess(id: id) }
        return OwningProcess(id: id, startTimeTicks: words.4, commandHash: words.5)
    }
}

/// A row that knows more of its owner than the number.
protocol OwnerModuleEntry: IPHelperRow {
    init()
    var dwOwningPid: DWORD { get }
    var OwningModuleInfo: OwningModuleWords.Words { get }
}

extension OwnerModuleEntry {
    /// The owner, if the entry has one.
    var process: OwningProcess? { OwningModuleWords(OwningModuleInfo).process(dwOwningPid) }
}

extension MIB_TCPROW_OWNER_MODULE: OwnerModuleEntry {}
extension MIB_TCP6ROW_OWNER_MODULE: OwnerModuleEntry {}
