import TCPModel

/// A process that holds sockets, as far as it is cached.
struct CachedProcess {
    let identity: ProcessIdentity
    /// What it is; nil when that could not be read, because it was gone.
    fileprivate(set) var description: ProcessDescription?
    /// The container that it is in, by the cgroup of a socket: in a cgroup namespace of one's own, a
    /// process' path begins with `/..` and does not tell the runtime.
    fileprivate(set) var container: ModuleIdentity?
    /// Descriptors of sockets that are gone: the kernel gives the lowest free number to the next one.
    var freedDescriptors: [UInt32] = []
}

/// What the sockets that a process holds tell. Each socket changes it, so it is apart from what is large.
struct SocketTraces {
    /// The highest descriptor that a socket was found by: new ones are often just above.
    fileprivate(set) var highestDescriptor: UInt32 = 0
    /// The cgroup of a socket.
    fileprivate(set) var cgroup: CgroupID?
}

/// The processes that hold sockets, cached between scrapes, with their modules.
struct ProcessCache {
    /// In this many scrapes each process is described anew at least once, whatever its name.
    static let descriptionPeriod: UInt64 = 64

    /// How many freed descriptors are kept, of all processes: 2 MiB.
    static let freedDescriptorsMax = 1 << 19

    /// How many are.
    private var freedDescriptorCount = 0
    /// The first stands for no process.
    private var processes: [CachedProcess?] = [nil]
    /// Of each one, beside it.
    private(set) var traces: [SocketTraces] = [SocketTraces()]
    /// The owner that each one means, beside it; nil when the process is gone, or is a service manager.
    private(set) var owners: [Owner?] = [nil]
    /// Slots of processes that have become another program: nothing is looked up in them until the
    /// search has seen whether their sockets are still theirs.
    private var changed: Set<ProcessSlot> = []
    private var slots: [ProcessIdentity: ProcessSlot] = [:]
    /// Slots of processes that died; free once no cached socket refers to them.
    private var retired: [ProcessSlot] = []
    /// Whether a socket was ever found that is registered with an io_uring instance and has no descriptor.
    private(set) var areRingsInUse = false
    private var free: [ProcessSlot] = []

    /// The living ones, earliest started first.
    var living: [ProcessSlot] {
        slots.sorted { $0.key.precedes($1.key) }.map(\.value)
    }

    /// The service managers, which own only what no other process holds.
    var managers: Set<ProcessID> {
        Set(slots.lazy.filter { isManager($0.value) }.map(\.key.process))
    }

    /// Each process by its slot, as it held sockets in this scrape.
    var holders: [HoldingProcess?] {
        processes.map { process in
            process.map {
                HoldingProcess(
                    process: OwningProcess($0.identity, command: $0.description?.command ?? []),
                    path: $0.description?.path ?? "",
                    program: $0.description?.programName ?? "")
            }
        }
    }

    subscript(slot: ProcessSlot) -> CachedProcess? {
        get { processes[slot.index] }
        _modify { yield &processes[slot.index] }
    }

    /// Notes that the socket behind a descriptor of a process is gone.
    mutating func free(descriptor: UInt32, of slot: ProcessSlot) {
        guard freedDescriptorCount < Self.freedDescriptorsMax, processes[slot.index] != nil else {
            return
        }
        freedDescriptorCount += 1
        processes[slot.index]?.freedDescriptors.append(descriptor)
    }

    /// Looks at each process again: drops the dead, and describes those anew that have another name.
    mutating func refresh(
        _ information: any ProcessInformation, _ modules: inout ModuleTable, scrape: UInt64,
        _ naming: (any ProcessNaming)? = nil
    ) {
        freedDescriptorCount = 0
        let isNamedAnew = naming?.beginScrape() ?? false
        for (identity, slot) in slots {
            let statistics = try? information.statistics(of: identity.process)
            guard let statistics, statistics.startTimeTicks == identity.startTimeTicks else {
                retire(identity, slot)
                continue
            }
            freedDescriptorCount += processes[slot.index]?.freedDescriptors.count ?? 0
            let isDue =
                UInt64(slot.rawValue) % Self.descriptionPeriod
                == scrape % Self.descriptionPeriod
            let description = processes[slot.index]?.description
            if isDue || isNamedAnew || description?.isNameUnknown == true
                || statistics.command != description?.command
            {
                describeAgain(slot, identity, information, naming)
            }
            updateOwner(slot, &modules)
        }
    }

    /// The slot of a process that holds a socket, described if it is new.
    mutating func slot(
        of identity: ProcessIdentity, _ information: any ProcessInformation,
        _ modules: inout ModuleTable, _ naming: (any ProcessNaming)? = nil
    ) -> ProcessSlot {
        if let slot = slots[identity] { return slot }
        let slot = free.popLast() ?? ProcessSlot(rawValue: UInt32(processes.count))
        if slot.index == processes.count {
            processes.append(nil)
            traces.append(SocketTraces())
            owners.append(nil)
        }
        traces[slot.index] = SocketTraces()
        processes[slot.index] = CachedProcess(
            identity: identity,
            description: try? ProcessDescription(identity, information, naming))
        slots[identity] = slot
        updateOwner(slot, &modules)
        return slot
    }

    /// Whether the process is a service manager.
    @inline(__always)
    func isManager(_ slot: ProcessSlot) -> Bool {
        owners[slot.index] == nil && isDescribedAsManager(slot)
    }

    private func isDescribedAsManager(_ slot: ProcessSlot) -> Bool {
        !changed.contains(slot) && processes[slot.index]?.description?.isManager == true
    }

    /// The cgroups of sockets that tell more of a container than its processes' paths.
    var tellingCgroups: Set<CgroupID> {
        Set(
            zip(processes, traces).lazy.compactMap { process, traces in
                process?.description?.module.unknownContainerID == nil ? nil : traces.cgroup
            })
    }

    /// Gives the containers whose runtime is not known the one of their sockets' cgroup.
    mutating func identifyContainers(_ cgroups: CgroupModules, _ modules: inout ModuleTable) {
        for slot in slots.values {
            guard let process = processes[slot.index],
                let id = process.description?.module.unknownContainerID,
                let module = traces[slot.index].cgroup.flatMap(cgroups.module),
                module.isContainer(id), module != process.container
            else { continue }
            processes[slot.index]?.container = module
            updateOwner(slot, &modules)
        }
    }

    /// The module of a service manager itself, for sockets of which nothing else is known.
    func ownModule(of slot: ProcessSlot, _ modules: inout ModuleTable) -> Owner {
        guard let process = processes[slot.index], let description = process.description else {
            return .unattributed(.partial)
        }
        return .module(
            modules.touch(
                process.container ?? description.module, path: description.path,
                process: process.identity))
    }

    /// Notes a descriptor that a process has a socket by, and the socket's cgroup.
    mutating func note(descriptor: UInt32, cgroup: CgroupID?, of slot: ProcessSlot) {
        guard slot != .nobody else { return }
        if descriptor < HeldSocket.ringMark {
            traces[slot.index].highestDescriptor = max(
                traces[slot.index].highestDescriptor, descriptor)
        } else {
            areRingsInUse = true
        }
        if let cgroup { traces[slot.index].cgroup = cgroup }
    }

    /// Processes that hold a socket created in one of the cgroups.
    func holders(ofSocketsIn cgroups: Set<CgroupID>) -> Set<ProcessID> {
        Set(
            zip(processes, traces).lazy.compactMap { process, traces in
                traces.cgroup.map(cgroups.contains) == true ? process?.identity.process : nil
            })
    }

    /// Lets the processes be looked up again that have become another program.
    mutating func beginSearch(_ modules: inout ModuleTable) {
        let slots = changed
        changed = []
        for slot in slots { updateOwner(slot, &modules) }
    }

    /// Frees the slots of the dead. A cached socket that still refers to one was in a table that was
    /// read again, and is dropped before the next search can give the slot away.
    mutating func endScrape() {
        free += retired
        retired = []
    }

    private mutating func retire(_ identity: ProcessIdentity, _ slot: ProcessSlot) {
        slots[identity] = nil
        changed.remove(slot)
        processes[slot.index] = nil
        owners[slot.index] = nil
        retired.append(slot)
    }

    private mutating func describeAgain(
        _ slot: ProcessSlot, _ identity: ProcessIdentity, _ information: any ProcessInformation,
        _ naming: (any ProcessNaming)?
    ) {
        // Another name by rules makes no other program of it.
        let before = processes[slot.index]?.description?.program
        let description = try? ProcessDescription(identity, information, naming)
        processes[slot.index]?.description = description
        guard description?.program != before else { return }
        processes[slot.index]?.container = nil
        changed.insert(slot)
    }

    /// Lets the process's module live through this scrape; a manager's only where it owns a socket.
    private mutating func updateOwner(_ slot: ProcessSlot, _ modules: inout ModuleTable) {
        if isDescribedAsManager(slot) {
            owners[slot.index] = nil
        } else {
            let owner = ownModule(of: slot, &modules)
            owners[slot.index] = changed.contains(slot) ? nil : owner
        }
    }
}
