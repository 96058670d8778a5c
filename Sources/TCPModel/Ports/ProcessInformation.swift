/// What the kernel tells about processes, besides their descriptors.
package protocol ProcessInformation: Sendable {
    /// Name, parent, start time and usage of a process.
    func statistics(of process: ProcessID) throws(FileError) -> ProcessStatistics

    /// The cgroups of a process, one for each hierarchy.
    func cgroups(of process: ProcessID) throws(FileError) -> [CgroupMembership]

    /// The path of the executable, as bytes: Linux paths are not text.
    func executablePath(of process: ProcessID) throws(FileError) -> [UInt8]
}

extension ProcessInformation {
    /// The process that has the number now.
    package func identity(of process: ProcessID) throws(FileError) -> ProcessIdentity {
        ProcessIdentity(
            process: process, startTimeTicks: try statistics(of: process).startTimeTicks)
    }
}

/// The directories of cgroup v2.
package protocol CgroupDirectories: Sendable {
    /// The root of the hierarchy; nil on a host without cgroup v2.
    var rootID: CgroupID? { get }

    /// The paths of some directories, from the root of the hierarchy; those not found are left out.
    func paths(of ids: Set<CgroupID>) -> [CgroupID: [UInt8]]

    /// Whether there is a directory at a path from the root of the hierarchy.
    func contains(_ path: [UInt8]) -> Bool
}
