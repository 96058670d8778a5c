package import Procfs
package import TCPConnections

/// Finds the owner modules of connections.
///
/// The order in which owners are looked for:
/// 1. a process that holds a descriptor for the socket;
/// 2. not accepted yet, or `syn_recv`: the owner of the listener;
/// 3. the service or container of the cgroup in which the socket was made: orphans, and sockets whose
///    holder we may not look into;
/// 4. nobody.
///
/// The table is read first and /proc after it, so that each holder is looked for when it is known to
/// be wanted. Answers are remembered: a scrape looks for the holders of new sockets only, and verifies
/// of the others what could have changed. Of a living process's socket that went to another one this
/// is noticed within `verificationPeriod` scrapes; of a process that ended, or became another program,
/// at the next one.
package struct OwnerAttribution {
    /// Says which of some sockets are still open.
    package typealias OpenSockets = (Set<SocketInode>) -> Set<SocketInode>?

    /// In so many scrapes each remembered answer is verified at least once.
    package static let verificationPeriod: UInt64 = 64

    /// The modules that live.
    package internal(set) var modules = ModuleTable()
    /// What the last search could not see.
    package var visibility: ProcessVisibility { scanner.visibility }
    /// How many sockets are remembered; at most `SocketCache.socketsMax`.
    package var rememberedSocketCount: Int { cache.count }

    /// From so many descriptors of known processes on, another pass over the table is worth it: a
    /// row costs a fifth of what a descriptor costs.
    var descriptorsWorthAPass: Int64 = 10_000
    /// Up to so many descriptors of one process are looked at without that.
    var descriptorsWorthALook: Int64 = 1_000

    let procfs: ProcFS
    let cgroupfs: CgroupFS
    var scrape: UInt64 = 0
    var cache = SocketCache()
    var owners = OwnerProcesses()
    var scanner: ProcessScanner
    var cgroups = CgroupModules()

    /// The table under way, and how many waited before it.
    var table: UInt16 = 0
    private var marks = (waiting: 0, listening: 0)
    /// Connections that followed each other, of the same fate, which is known.
    var run: (tally: ConnectionTally, attribution: Attribution)?
    /// Sockets whose holders are to be looked for.
    var wanted = WantedSockets()
    /// Listeners, whose owners are others' as well.
    var listening: [ListeningSocket] = []
    /// Connections without a holder, taken together where they have the same fate.
    var unheld: [UnheldConnections: ConnectionTally] = [:]

    package init(procfs: ProcFS, cgroupfs: CgroupFS) {
        self.procfs = procfs
        self.cgroupfs = cgroupfs
        scanner = ProcessScanner(procfs: procfs)
    }

    /// Begins a scrape: looks whether the known owners are still there, and what they are.
    package mutating func beginScrape() {
        scrape += 1
        cache.beginScrape()
        modules.beginScrape()
        cgroups.beginScrape()
        owners.refresh(procfs, &modules, scrape: scrape)
        run = nil
        wanted.removeAll()
        listening.removeAll(keepingCapacity: true)
        unheld.removeAll(keepingCapacity: true)
        beginTable(0)
    }

    /// Says which table the connections are from that follow. Connections of one never decide about
    /// another's.
    package mutating func beginTable(_ number: UInt16) {
        table = number
        marks = (wanted.waiting.count, listening.count)
    }

    /// Says that the table is at its end: those of its connections whose owners are known are given.
    package mutating func endTable(_ body: (ConnectionTally, Attribution) -> Void) {
        endRun(body)
    }

    /// Forgets the connections of the table that were taken: it is read anew.
    package mutating func restart() {
        run = nil
        wanted.truncate(to: marks.waiting)
        listening.removeLast(listening.count - marks.listening)
        unheld = unheld.filter { $0.key.table != table }
    }

    /// Takes in a connection, and gives those to `body` whose owners are known by now, those of the
    /// same fate together; the others wait for `attribute`.
    package mutating func take(
        _ connection: borrowing TCPConnection, _ body: (ConnectionTally, Attribution) -> Void
    ) {
        if connection.isListener {
            listen(connection, isOwnerWanted: true)
        } else if connection.inode != nil {
            takeHeld(connection, body)
        } else {
            takeUnheld(connection, body)
        }
    }

    /// Takes in a listener whose owner nobody asked for, because others' may be found by it.
    package mutating func note(listener: borrowing TCPConnection) {
        listen(listener, isOwnerWanted: false)
    }

}
