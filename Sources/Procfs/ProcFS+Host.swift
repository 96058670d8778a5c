import Glibc
import SystemPackage
package import TCPModel

extension ProcFS: HostInformation {
    /// The ports that the kernel takes ephemeral ports from, of the calling thread's network namespace
    /// (`Documentation/networking/ip-sysctl.rst`).
    package func ephemeralPorts() throws(FileError) -> PortSet {
        let name = "net/ipv4/ip_local_port_range"
        guard let range = try setting(name).lines.first?.portPair else {
            throw FileError(
                .understand, "\(root)/sys/\(name)", .contents("not a range of two ports"))
        }
        var ports = PortSet(range)
        for reserved in try reservedPorts() {
            for port in reserved { ports.remove(port) }
        }
        return ports
    }

    /// The ports that the kernel gives only to those who ask for them.
    private func reservedPorts() throws(FileError) -> [ClosedRange<UInt16>] {
        let name = "net/ipv4/ip_local_reserved_ports"
        let contents: [UInt8]
        do throws(FileError) { contents = try setting(name) } catch {
            guard error.isGone else { throw error }
            return []
        }
        guard let list = contents.lines.first else { return [] }
        guard let ranges = list.portRanges else {
            throw FileError(
                .understand, "\(root)/sys/\(name)", .contents("not a list of ports"))
        }
        return ranges
    }

    package func listenDropCount() throws(FileError) -> UInt64 {
        let contents = try networkFile("netstat")
        guard let count = contents.counter("ListenDrops", of: "TcpExt:") else {
            throw FileError(
                .understand, "\(root)/thread-self/net/netstat", .contents("no ListenDrops"))
        }
        return count
    }

    /// The kernel answers from the interface itself (`man 7 netdevice`, `SIOCGIFNAME`).
    package func interfaceName(_ index: UInt32) -> [UInt8]? {
        var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        guard unsafe if_indextoname(index, &name) != nil else { return nil }
        return name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
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

    package var networkNamespaceInode: UInt64? {
        try? NamespaceFile("\(root)/thread-self/ns/net").inode
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
