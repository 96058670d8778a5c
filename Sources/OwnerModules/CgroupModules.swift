import Procfs

/// The modules of cgroups by id, read from the cgroup file system when the first id is asked for, and
/// again when one is not among them.
struct CgroupModules {
    private var modules: [CgroupID: OwnerModule?] = [:]
    private var isFresh = false

    /// Lets the next unknown id cause a new walk.
    mutating func beginScrape() {
        isFresh = false
    }

    /// The service or container of a cgroup; nil when it is neither, or gone.
    mutating func module(
        of cgroup: CgroupID, _ cgroupfs: CgroupFS, _ listing: DirectoryListing
    ) -> OwnerModule? {
        if modules[cgroup] == nil, !isFresh {
            isFresh = true
            modules = cgroupfs.paths(listing).mapValues { CgroupModule(path: $0)?.module }
        }
        return modules[cgroup] ?? nil
    }
}
