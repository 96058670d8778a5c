import CLinux
import Owners
package import TCPModel

/// The modules of cgroups that this process has asked for.
///
/// After a fork the same holds as for `SharedTableReader`.
package final class SharedCgroupModules {
    /// The place of its lock, behind those of the table readers.
    private static let lockIndex: UInt32 = 3

    private var reader: CgroupModuleReader = LinuxHost().cgroupModuleReader()

    /// The service or container of a cgroup, by its inode number; nil when it is neither, or gone.
    package static func module(of cgroup: UInt64) -> OwnerModule? {
        let place = unsafe clinux_lock_process_state(lockIndex)
        defer { clinux_unlock_process_state(lockIndex) }
        let shared: SharedCgroupModules
        if let kept = unsafe place?.pointee {
            shared = unsafe Unmanaged.fromOpaque(kept).takeUnretainedValue()
        } else {
            shared = SharedCgroupModules()
            unsafe place?.pointee = Unmanaged.passRetained(shared).toOpaque()
        }
        return shared.reader.module(of: CgroupID(rawValue: cgroup))
    }
}
