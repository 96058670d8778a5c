import Exposition
import TCPModel

// Connections with the peers that the operator named.
extension StatusPage {
    private static let peersMax = 100

    private struct Key: Hashable {
        var peer: String
        var module: PageModule
    }

    mutating func writePeers() {
        guard let samples = scrape.samples.samples(of: Metric.peerConnections) else { return }
        var rows: [Key: PageCounts] = [:]
        for sample in samples {
            let key = Key(peer: sample["peer"], module: PageModule(sample))
            rows[key, default: PageCounts()].add(sample)
        }
        let sorted = rows.sorted { a, b in
            (b.value.total, a.key.peer, a.key.module.name)
                < (a.value.total, b.key.peer, b.key.module.name)
        }
        heading("Peers", "peers")
        html.beginTable([
            .init("Peer"), .init("Connections", "n"), .init("established", "n"),
            .init("syn_sent", "n minor"), .init("close_wait", "n minor"),
        ])
        for (key, counts) in sorted.prefix(Self.peersMax) {
            html.markup("<tr><th scope=\"row\">")
            html.name(key.peer)
            html.markup(" <span class=\"kind\">")
            writeName(key.module)
            html.markup("</span></th>")
            html.cell(counts.total)
            html.cell(counts[.established])
            html.cell(counts[.synSent], "n minor")
            html.cell(counts[.closeWait], "n minor")
            html.markup("</tr>\n")
        }
        html.endTable()
        let moreCount = sorted.count - Self.peersMax
        if moreCount > 0 { paragraph("\(Double(moreCount).counted("more row")) not shown.") }
    }
}
