import Owners
import Procfs
import TableFakes

@testable import TCPTable

extension TableReader {
    /// A reader of the rows, on a host without processes.
    init(_ table: ScriptedTable) {
        self.init(
            source: table,
            resolver: OwnerResolver(
                ProcFS(root: "/nonexistent"), cgroups: CgroupFS(mount: "/nonexistent")))
    }
}
