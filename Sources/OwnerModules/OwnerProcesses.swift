import Procfs

/// A process that holds sockets, as far as is remembered of it.
struct OwnerProcess {
    let identity: ProcessIdentity
    /// What it called itself when it was named; another name means that it runs another program.
    fileprivate(set) var command: [UInt8]
    fileprivate(set) var module: OwnerModule?
    fileprivate(set) var path: String
    /// The highest descriptor that a socket was found by: new ones are often just above.
    var highestDescriptor: UInt32 = 0
    /// The cgroup of a socket that it holds.
    fileprivate(set) var cgroup: CgroupID? = nil
    /// Descriptors of sockets that are gone: the kernel gives the lowest free number to the next one.
    var freedDescriptors: [UInt32] = []

    /// How many freed descriptors are remembered of one process.
    private static let freedDescriptorsMax = 65_536

    /// Notes by which descriptor a socket was found.
    mutating func raise(highestDescriptor descriptor: UInt32) {
        highestDescriptor = max(highestDescriptor, descriptor)
    }

    /// Notes that the socket behind a descriptor is gone.
    mutating func free(descriptor: UInt32) {
        guard freedDescriptors.count < Self.freedDescriptorsMax else { return }
        freedDescriptors.append(descriptor)
    }
}

/// The processes that hold sockets, from scrape to scrape, with their modules.
struct OwnerProcesses {
    /// In this many scrapes each process is named anew at least once, whatever it calls itself.
    static let namingPeriod: UInt64 = 64

    /// The first is nobody's.
    private var processes: [OwnerProcess?] = [nil]
    /// The attribution of each, beside it; nil when the process is gone, and so its answers.
    private(set) var attributions: [Attribution?] = [nil]
    /// Slots of processes that have become another program: they give no answers until the search,
    /// which looks whether their sockets are still theirs.
    private var renamed: Set<OwnerSlot> = []
    private var slots: [ProcessIdentity: OwnerSlot] = [:]
    /// The slot of the first process of the namespace, which owns only what nobody else holds; nobody's
    /// when it holds nothing.
    private(set) var initial = OwnerSlot.nobody
    /// Slots of processes that died; free once no remembered socket names them.
    private var retired: [OwnerSlot] = []
    private var free: [OwnerSlot] = []

    /// The living ones, earliest started first.
    var living: [OwnerSlot] {
        slots.sorted { $0.key.precedes($1.key) }.map(\.value)
    }

    /// Each by its slot.
    var holding: [HoldingProcess?] {
        processes.map { process in
            process.map {
                HoldingProcess(
                    process: OwningProcess($0.identity, command: $0.command), path: $0.path)
            }
        }
    }

    subscript(slot: OwnerSlot) -> OwnerProcess? {
        get { processes[slot.index] }
        set { processes[slot.index] = newValue }
    }

    /// Looks at each process again: forgets the dead, names those anew that run another program.
    mutating func refresh(_ procfs: ProcFS, _ modules: inout ModuleTable, scrape: UInt64) {
        for (identity, slot) in slots {
            let statistics = try? procfs.statistics(of: identity.process)
            guard let statistics, statistics.startTimeTicks == identity.startTimeTicks else {
                retire(identity, slot)
                continue
            }
            let isDue = UInt64(slot.rawValue) % Self.namingPeriod == scrape % Self.namingPeriod
            if isDue || statistics.command != processes[slot.index]?.command {
                rename(slot, identity, procfs)
            }
            see(slot, &modules)
        }
    }

    /// The slot of a process that holds a socket, named if it is new.
    mutating func slot(
        of identity: ProcessIdentity, _ procfs: ProcFS, _ modules: inout ModuleTable
    ) -> OwnerSlot {
        if let slot = slots[identity] { return slot }
        let slot = free.popLast() ?? OwnerSlot(rawValue: UInt32(processes.count))
        if slot.index == processes.count {
            processes.append(nil)
            attributions.append(nil)
        }
        processes[slot.index] = OwnerProcess(
            identity: identity, command: [], module: nil, path: "")
        slots[identity] = slot
        if identity.process == .initial { initial = slot }
        name(slot, identity, procfs)
        see(slot, &modules)
        return slot
    }

    /// Notes a descriptor that a process has a socket by, and the cgroup of that. (In place: a process
    /// copied in and out again for each socket of a first scrape is a tenth of the scrape.)
    mutating func note(descriptor: UInt32, cgroup: CgroupID?, of slot: OwnerSlot) {
        guard slot != .nobody else { return }
        processes[slot.index]?.raise(highestDescriptor: descriptor)
        if let cgroup { processes[slot.index]?.cgroup = cgroup }
    }

    /// Processes that hold a socket made in one of the cgroups.
    func holders(ofSocketsIn cgroups: Set<CgroupID>) -> Set<ProcessID> {
        let holders = processes.lazy.compactMap { $0 }
            .filter { $0.cgroup.map(cgroups.contains) ?? false }
        return Set(holders.map(\.identity.process))
    }

    /// Lets those give answers again who have become another program.
    mutating func beginSearch(_ modules: inout ModuleTable) {
        let slots = renamed
        renamed = []
        for slot in slots { see(slot, &modules) }
    }

    /// Lets the slots of the dead be used again. What is still remembered of them was seen by a table
    /// that was read anew only, and is forgotten before the next search can give their slots away.
    mutating func endScrape() {
        free += retired
        retired = []
    }

    private mutating func retire(_ identity: ProcessIdentity, _ slot: OwnerSlot) {
        slots[identity] = nil
        renamed.remove(slot)
        if initial == slot { initial = .nobody }
        processes[slot.index] = nil
        attributions[slot.index] = nil
        retired.append(slot)
    }

    private mutating func rename(_ slot: OwnerSlot, _ identity: ProcessIdentity, _ procfs: ProcFS) {
        let before = processes[slot.index]?.module
        name(slot, identity, procfs)
        if processes[slot.index]?.module != before { renamed.insert(slot) }
    }

    /// Reads what the process is. One that is gone by now keeps its sockets without a name.
    private mutating func name(_ slot: OwnerSlot, _ identity: ProcessIdentity, _ procfs: ProcFS) {
        let found = try? ProcessModule(identity, procfs)
        processes[slot.index]?.command = found?.command ?? []
        processes[slot.index]?.module = found?.module
        processes[slot.index]?.path = found?.path(byteCountMax: HostileText.pathByteCountMax) ?? ""
    }

    /// Lets the process's module live through this scrape.
    private mutating func see(_ slot: OwnerSlot, _ modules: inout ModuleTable) {
        guard let process = processes[slot.index] else { return }
        let attribution: Attribution =
            process.module.map {
                .module(modules.see($0, path: process.path, process: process.identity))
            } ?? .unattributed(.partial)
        attributions[slot.index] = renamed.contains(slot) ? nil : attribution
    }
}
