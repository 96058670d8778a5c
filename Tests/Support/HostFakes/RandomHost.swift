/// A made-up host on which anything may happen at any time, and a naive account of who holds what.
package struct RandomHost {
    private struct Process {
        var start: UInt64
        var parent: Int32
        var program: String
        var sockets: [UInt32: UInt32] = [:]
    }

    package let proc: FakeHost
    private var processes: [Int32: Process] = [:]
    /// The inodes of sockets that are in the table, whoever holds them.
    package private(set) var sockets: Set<UInt32> = []
    /// Who held a socket first; none any more once that one let it go.
    private var firstHolders: [UInt32: Int32] = [:]
    private var serial: UInt32 = 1000

    /// Few, so that numbers are soon used again.
    private static let processIDs: ClosedRange<Int32> = 10...40
    /// As many as a bit in two queues each can tell apart.
    package static let socketsMax = 60

    package init() throws { proc = try FakeHost() }

    /// The programs of the holders of each socket that has any.
    package var holders: [UInt32: Set<String>] {
        var holders: [UInt32: Set<String>] = [:]
        for process in processes.values {
            for inode in process.sockets.values {
                holders[inode, default: []].insert(process.program)
            }
        }
        return holders
    }

    /// The program of the one who has held it all its life, and from whom others have it.
    package func firstHolder(of inode: UInt32) -> String? {
        firstHolders[inode].flatMap { processes[$0]?.program }
    }

    /// Lets something happen.
    package mutating func step() throws {
        switch Int.random(in: 0..<12) {
        case 0: try start()
        case 1: if processes.count > 8, let pid = processes.keys.randomElement() { try end(pid) }
        case 2: if let pid = processes.keys.randomElement() { try fork(pid) }
        case 3: if let pid = processes.keys.randomElement() { try exec(pid) }
        case 4: try pass()
        case 5, 6: try close()
        default: try open()
        }
    }
}

// MARK: - What happens

extension RandomHost {
    private mutating func next() -> UInt32 {
        serial += 1
        return serial
    }

    private mutating func start(parent: Int32 = 1, _ sockets: [UInt32: UInt32] = [:]) throws {
        let free = Self.processIDs.filter { processes[$0] == nil }
        guard let pid = free.randomElement() else { return }
        let number = next()
        processes[pid] = Process(
            start: UInt64(number), parent: parent, program: "program\(number)", sockets: sockets)
        try write(pid)
    }

    /// The child has its parent's descriptors, and its program.
    private mutating func fork(_ pid: Int32) throws {
        guard let parent = processes[pid] else { return }
        try start(parent: pid, parent.sockets)
    }

    private mutating func exec(_ pid: Int32) throws {
        let program = "program\(next())"
        processes[pid]?.program = program
        try write(pid)
    }

    private mutating func end(_ pid: Int32) throws {
        guard let process = processes.removeValue(forKey: pid) else { return }
        try proc.end(pid)
        for (child, value) in processes where value.parent == pid {
            processes[child]?.parent = 1
            try write(child)
        }
        for inode in process.sockets.values { letGo(inode, pid) }
    }

    private mutating func open() throws {
        guard sockets.count < Self.socketsMax, let pid = processes.keys.randomElement() else {
            return
        }
        let inode = next()
        sockets.insert(inode)
        firstHolders[inode] = pid
        try hold(inode, pid)
    }

    private mutating func close() throws {
        guard let (pid, descriptor, inode) = randomDescriptor() else { return }
        processes[pid]?.sockets[descriptor] = nil
        try proc.close(pid, descriptor)
        letGo(inode, pid)
    }

    /// A socket goes from its only holder to another process.
    private mutating func pass() throws {
        guard let (pid, descriptor, inode) = randomDescriptor(),
            processes.values.count(where: { $0.sockets.values.contains(inode) }) == 1,
            let other = processes.keys.filter({ $0 != pid }).randomElement()
        else { return }
        try hold(inode, other)
        processes[pid]?.sockets[descriptor] = nil
        try proc.close(pid, descriptor)
        letGo(inode, pid)
    }

    /// Takes the lowest free descriptor, as the kernel does.
    private mutating func hold(_ inode: UInt32, _ pid: Int32) throws {
        let used = processes[pid]?.sockets ?? [:]
        guard let descriptor = (3...).first(where: { used[$0] == nil }) else { return }
        processes[pid]?.sockets[descriptor] = inode
        try proc.open(pid, descriptor, inode)
    }

    /// A socket without a holder leaves the table, mostly; else the kernel itself has a use for it.
    private mutating func letGo(_ inode: UInt32, _ pid: Int32) {
        if firstHolders[inode] == pid { firstHolders[inode] = nil }
        let isHeld = processes.values.contains { $0.sockets.values.contains(inode) }
        if !isHeld, Int.random(in: 0..<8) > 0 { sockets.remove(inode) }
    }

    private func randomDescriptor() -> (Int32, UInt32, UInt32)? {
        guard let (pid, process) = processes.randomElement(),
            let (descriptor, inode) = process.sockets.randomElement()
        else { return nil }
        return (pid, descriptor, inode)
    }

    private func write(_ pid: Int32) throws {
        guard let process = processes[pid] else { return }
        try proc.put(
            pid,
            FakeHost.Process(
                start: process.start, parent: process.parent,
                executable: "/bin/\(process.program)", sockets: process.sockets))
    }
}
