import TCPModel

// A few numbers of the host, with their course.
extension StatusPage {
    mutating func writeOverview() {
        html.markup("<ul class=\"tiles\" id=\"overview\">\n")
        if let states = tables.states {
            let total = states.values.reduce(0) { $0 + $1.total }
            tile("Sockets", total.grouped) { page in
                page.html.sparkline(page.scrape.history.points(of: .sockets))
            }
            let established = states.values.reduce(0) { $0 + $1[.established] }
            tile("Established", established.grouped) {
                $0.html.bar([(established, "established")], of: total)
            }
        }
        if tables.hasModules {
            let unattributed = tables.reasons.reduce(0) { $0 + $1.counts.total - $1[.timeWait] }
            tile("Programs", Double(tables.modules.count).grouped) { page in
                guard unattributed > 0 else { return }
                page.html.span("dim", "and \(unattributed.counted("socket")) without one")
            }
        }
        if tables.hasListeners {
            let sockets = tables.listeners.reduce(0) { $0 + $1.socketCount }
            let full = tables.listeners.reduce(0) { $0 + $1.fullSocketCount }
            tile("Listening sockets", sockets.grouped) { page in
                if full > 0 {
                    page.html.span("dim", "\(full.grouped) with a full queue")
                } else {
                    page.html.span("dim", "no full queue")
                }
            }
        }
        if let fullest = tables.ports.max(by: { $0.busiestPart < $1.busiestPart }) {
            tile("Ephemeral ports used", fullest.usedPart.percent) { page in
                let isLow = AlertThreshold.ephemeralPorts.isReached(by: fullest.busiestPart)
                page.html.bar(
                    [(fullest.used, isLow ? "close_wait" : "listen")], of: fullest.available)
            }
        }
        html.markup("</ul>\n")
    }

    private mutating func tile(
        _ title: String, _ value: String, _ detail: (inout StatusPage) -> Void
    ) {
        html.markup("<li>")
        html.span("label", title)
        html.span("value", value)
        detail(&self)
        html.markup("</li>\n")
    }
}
