import Procfs
import TCPTable

extension OwnerAttribution {
    /// What a process turned out to be.
    typealias Owners = [ProcessIdentity: Attribution]

    /// Scans /proc for the holders of the sockets that wait.
    func findHolders() -> (SocketHolders, FileError?) {
        var wanted = Set(waiting.lazy.compactMap { $0.inode })
        for listener in noted { if let inode = listener.inode { wanted.insert(inode) } }
        do throws(FileError) {
            return (try SocketHolders(of: wanted, procfs, listing), nil)
        } catch {
            return (.unknown, error)
        }
    }

    /// Names the process behind each socket. One that is gone by now leaves its connections without a
    /// name, not with a wrong one.
    mutating func nameOwners(_ holders: SocketHolders) -> Owners {
        var owners: Owners = [:]
        for process in Set(holders.holders.values) {
            if let found = try? ProcessModule(process, procfs) {
                let index = modules.see(found.module, path: found.path, process: process)
                owners[process] = .module(index)
            } else {
                owners[process] = .unattributed(.partial)
            }
        }
        return owners
    }

    mutating func giveListeners(
        _ holders: SocketHolders, _ owners: Owners,
        _ body: (borrowing AttributedConnection) -> Void
    ) {
        listeners.removeAll()
        for connection in noted {
            let attribution = attribution(of: connection, holders, owners)
            listeners.add(connection.localAddress, port: connection.localPort, attribution)
        }
        for connection in waiting where connection.state == .listen {
            let attribution = attribution(of: connection, holders, owners)
            listeners.add(connection.localAddress, port: connection.localPort, attribution)
            body(AttributedConnection(connection: connection, attribution: attribution))
        }
    }

    mutating func attribution(
        of connection: UnattributedConnection, _ holders: SocketHolders, _ owners: Owners
    ) -> Attribution {
        if let inode = connection.inode {
            if let holder = holders.holders[inode], let owner = owners[holder] { return owner }
        } else if connection.isNotAccepted,
            let owner = listeners.owner(
                of: connection.localAddress, port: connection.localPort)
        {
            return owner
        }
        if let cgroup = connection.cgroup,
            let module = cgroups.module(of: cgroup, cgroupfs, listing)
        {
            return .module(modules.see(module))
        }
        let reason =
            connection.inode == nil ? .notFound : holders.visibility.reasonForNoHolder
        return .unattributed(reason)
    }
}

extension UnattributedConnection {
    /// Whether the connection waits in a listener's queues. A socket that nobody holds and that was
    /// accepted once is an orphan, and orphans are past these states.
    var isNotAccepted: Bool {
        inode == nil && (state == .synRecv || state == .established || state == .closeWait)
    }
}
