import Glibc
import MetricsServer
import SystemPackage

/// The process' limit of open descriptors (`RLIMIT_NOFILE`).
enum DescriptorLimit {
    /// Why there cannot be as many connections as asked for.
    struct Shortage: Error, CustomStringConvertible {
        let needed: Int
        let allowed: Int

        var description: String {
            "--web.max-connections takes \(needed) descriptors, and this process may have \(allowed) "
                + "(RLIMIT_NOFILE)"
        }
    }

    /// What a scrape opens, and all that is open anyway, with much to spare.
    private static let otherDescriptors = 256

    /// Raises the soft limit where the connections need it: a scrape must find descriptors left
    /// however many clients there are.
    ///
    /// The corresponding C functions are `getrlimit` and `setrlimit`.
    static func raise(for limits: ServerLimits) throws {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { throw Errno(rawValue: errno) }
        let needed = limits.connectionDescriptorsMax + otherDescriptors
        guard limit.rlim_cur < needed else { return }
        guard limit.rlim_max >= needed else {
            throw Shortage(needed: needed, allowed: Int(limit.rlim_max))
        }
        limit.rlim_cur = rlim_t(needed)
        guard unsafe setrlimit(resource, &limit) == 0 else { throw Errno(rawValue: errno) }
    }
}
