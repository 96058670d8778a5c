import Procfs

/// Which process holds which socket: the answer of one scan of `/proc/*/fd`.
///
/// Among several holders the earliest started owns the socket, and the first process of the PID
/// namespace only when nobody else holds it: it passes sockets on. Processes are therefore looked into
/// in just that order, the first holder found is the owner, and the scan ends when no wanted socket
/// is without one.
struct SocketHolders {
    /// The holder of each wanted socket that has one.
    private(set) var holders: [SocketInode: ProcessIdentity] = [:]
    private(set) var visibility = ProcessVisibility()

    /// The answer when /proc could not be listed.
    static let unknown: SocketHolders = {
        var holders = SocketHolders()
        holders.visibility.areProcessesHidden = true
        return holders
    }()

    private init() {}

    /// Looks for the holders of the wanted sockets.
    init(
        of wanted: Set<SocketInode>, _ procfs: ProcFS, _ listing: DirectoryListing
    ) throws(FileError) {
        guard !wanted.isEmpty else { return }
        let processes = try procfs.processes(listing)
        visibility.areProcessesHidden = !processes.contains(.initial)
        visibility.isNamespaceNested = procfs.isNamespaceNested
        for process in Self.byOwnership(processes, procfs) {
            guard holders.count < wanted.count else { return }
            do throws(FileError) {
                try procfs.forEachSocket(of: process.process, listing) { inode in
                    if holders[inode] == nil, wanted.contains(inode) { holders[inode] = process }
                }
            } catch {
                if error.isDenied { visibility.deniedProcessCount += 1 }
            }
        }
    }

    /// The processes in the order in which they own what they hold; those that are gone left out.
    private static func byOwnership(
        _ processes: [ProcessID], _ procfs: ProcFS
    ) -> [ProcessIdentity] {
        let living = processes.compactMap { try? ProcessIdentity($0, procfs) }
        return living.sorted { a, b in
            if (a.process == .initial) != (b.process == .initial) { return b.process == .initial }
            return (a.startTimeTicks, a.process) < (b.startTimeTicks, b.process)
        }
    }
}
