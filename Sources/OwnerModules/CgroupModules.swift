import Procfs

/// The cgroups that sockets were made in, and their modules.
struct CgroupModules {
    private let listing = DirectoryListing()

    /// The cgroups met in this scrape; the first is none.
    private var ids: [CgroupID?] = [nil]
    private var indices: [CgroupID: UInt16] = [:]
    /// The last answer: rows of one cgroup follow each other.
    private var last: (CgroupID?, UInt16) = (nil, 0)

    /// Read from the cgroup file system when the first id is asked for, and again when one is not
    /// among them: it may have been made since.
    private var modules: [CgroupID: OwnerModule?] = [:]
    private var isFresh = false

    /// Lets the next unknown cgroup cause a new walk.
    mutating func beginScrape() {
        isFresh = false
        ids = [nil]
        indices.removeAll(keepingCapacity: true)
        last = (nil, 0)
    }

    /// A small number for a cgroup, good for this scrape. Beyond 65,535 cgroups it is none's: their
    /// sockets are then found by their holders alone.
    mutating func index(of id: CgroupID?) -> UInt16 {
        if last.0 == id { return last.1 }
        guard let id else { return 0 }
        var index = indices[id] ?? 0
        if index == 0, ids.count <= UInt16.max {
            index = UInt16(ids.count)
            ids.append(id)
            indices[id] = index
        }
        last = (id, index)
        return index
    }

    func id(at index: UInt16) -> CgroupID? { ids[Int(index)] }

    /// The service or container of a cgroup; nil when it is neither, or gone.
    mutating func module(of cgroup: CgroupID, _ cgroupfs: CgroupFS) -> OwnerModule? {
        if cgroup == cgroupfs.rootID { return nil }
        if modules[cgroup] == nil, !isFresh {
            isFresh = true
            modules = cgroupfs.paths(listing).mapValues { CgroupModule(path: $0)?.module }
        }
        return modules[cgroup] ?? nil
    }
}
