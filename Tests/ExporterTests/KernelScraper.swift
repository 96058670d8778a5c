import Exporter
import Foundation
import Owners
import Procfs
import SockDiag
import TCPModel
import TableFakes
import TestSupport

/// A scraper of the kernel's table and of this host's processes.
struct KernelScraper {
    private var scraper: Scraper

    init(_ procfs: ProcFS = ProcFS()) {
        scraper = Scraper(
            ScraperOptions(host: procfs), source: SockDiagSource(procfs),
            resolver: OwnerResolver(procfs))
    }

    mutating func scrape() -> Scrape { scraper.scrape() }

    mutating func read() throws -> MetricsText { try MetricsText(scraper.scrape().exposition) }
}

/// This process as the exporter has to name it: what it runs, as long as it is in no service and in
/// no container.
let ownModule = ["module": ownExecutable, "kind": "process"]

private let ownExecutable: String = {
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return ((path ?? "") as NSString).lastPathComponent
}()

extension Requirement {
    /// A cgroup of which no part looks like a service or a container.
    static let plainCgroup = Requirement("a cgroup that is no service and no container") {
        let cgroups = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        let telling = /\.service|lxc|nspawn|machine-|[0-9a-f]{64}/
        return !cgroups.isEmpty && cgroups.firstMatch(of: telling) == nil
    }
}

extension MetricsText {
    /// The rows that are counted under this process, without their families.
    func ownRows(_ state: SocketState) -> Int {
        let labels = ownModule.merging(["state": state.label]) { $1 }
        return Int(value("tcptable_module_connections", labels) ?? 0)
    }

    /// The rows without an owner, and without their families.
    func unownedRows(_ reason: String, _ state: SocketState) -> Int {
        let labels = ["reason": reason, "state": state.label]
        return Int(value("tcptable_unattributed_connections", labels) ?? -1)
    }
}
