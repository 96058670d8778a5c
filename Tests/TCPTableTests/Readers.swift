import Procfs
import TableFakes

@testable import TCPTable

extension TableReader<ScriptedTable> {
    /// A reader of the rows, on a host without processes.
    init(_ table: ScriptedTable) {
        self.init(
            source: table, procfs: ProcFS(root: "/nonexistent"),
            cgroupfs: CgroupFS(mount: "/nonexistent"))
    }
}
