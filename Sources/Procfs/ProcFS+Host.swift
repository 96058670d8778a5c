import Glibc
import SystemPackage
package import TCPModel

extension ProcFS: HostInformation {
    /// The inclusive range that the kernel takes ephemeral ports from, of the calling thread's network
    /// namespace (`net.ipv4.ip_local_port_range`, which serves IPv6 too).
    package func ephemeralPortRange() throws(FileError) -> ClosedRange<UInt16> {
        let name = "net/ipv4/ip_local_port_range"
        let words = try setting(name).lines.first?.words ?? []
        let ports = words.compactMap { UInt64(decimal: $0).flatMap(UInt16.init(exactly:)) }
        guard words.count == 2, ports.count == 2, ports[0] <= ports[1] else {
            throw FileError(
                .understand, "\(root)/sys/\(name)", .contents("not a range of two ports"))
        }
        return ports[0]...ports[1]
    }

    /// Nothing is in them where the module `tls` is not loaded.
    package func kernelTLSStatistics() throws(FileError) -> KernelTLSStatistics {
        do throws(FileError) {
            return KernelTLSStatistics(contents: try networkFile("tls_stat"))
        } catch {
            guard error.isGone else { throw error }
            return KernelTLSStatistics(values: [])
        }
    }

    package var kernelRelease: KernelRelease? {
        (try? setting("kernel/osrelease")).flatMap(KernelRelease.init(text:))
    }

    /// When the host booted, in seconds since 1970 (`btime` of /proc/stat); nil when not told.
    package var bootTimeSeconds: UInt64? {
        let lines = (try? readFile("\(root)/stat"))?.lines ?? []
        let words = lines.lazy.map(\.words).first { $0.first?.elementsEqual("btime".utf8) == true }
        return words?.dropFirst().first.flatMap { UInt64(decimal: $0) }
    }

    package var ownStatistics: ProcessStatistics {
        get throws(FileError) { try statistics(inDirectory: "self") }
    }

    package var ownDescriptorCount: Int? {
        var count = -1
        do throws(FileError) {
            let entries = try DirectoryStream("\(root)/self/fd")
            while try entries.next() != nil { count += 1 }
        } catch {
            return nil
        }
        // Not even the one used to count: whatever that is, it is not a count.
        return count >= 0 ? count : nil
    }
}
