import Glibc
import MetricsServer
import SystemPackage

/// The process's limit on open descriptors (`RLIMIT_NOFILE`).
enum DescriptorLimit {
    /// The hard limit is too low for the requested number of connections.
    struct LimitTooLow: Error, CustomStringConvertible {
        let needed: Int
        let allowed: Int

        var description: String {
            "--web.max-connections needs \(needed) file descriptors, but the limit of this process "
                + "is \(allowed) (RLIMIT_NOFILE)"
        }
    }

    /// Descriptors for a scrape and everything else, with a wide margin.
    private static let otherDescriptors = 256

    /// Raises the soft limit if the connections need it: a scrape must never run out of descriptors,
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
            throw LimitTooLow(needed: needed, allowed: Int(limit.rlim_max))
        }
        limit.rlim_cur = rlim_t(needed)
        guard unsafe setrlimit(resource, &limit) == 0 else { throw Errno(rawValue: errno) }
    }
}
