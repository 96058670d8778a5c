import Exposition

// What is wrong, before everything else.
extension StatusPage {
    /// More are counted only.
    private static let problemsMax = 20
    private static let limitationsMax = 20

    /// In a few words.
    var verdict: String {
        guard scrape.isTableRead else { return "Cannot read the TCP table" }
        let severe = problems.count { $0.severity > .notice }
        if severe > 0 { return Double(severe).counted("problem") }
        return limitations.isEmpty ? "No problems found" : "No problems found in what was read"
    }

    mutating func writeVerdict() {
        let worst = scrape.isTableRead ? problems.first?.severity : .critical
        html.markup("<section id=\"verdict\" class=\"")
        html.markup(worst.map(\.kind) ?? (limitations.isEmpty ? "good" : "notice"))
        html.markup("\"><p class=\"verdict\">")
        html.text(verdict)
        html.markup("</p>\n")
        if !problems.isEmpty {
            html.markup("<ol class=\"problems\">\n")
            for problem in problems.prefix(Self.problemsMax) { write(problem) }
            html.markup("</ol>\n")
        }
        let moreCount = problems.count - Self.problemsMax
        if moreCount > 0 { paragraph("\(Double(moreCount).grouped) more are not shown here.") }
        writeLimitations()
        html.markup("</section>\n")
    }

    private mutating func write(_ problem: Problem) {
        html.markup("<li class=\"")
        html.markup(problem.severity.kind)
        html.markup("\"><h3><span class=\"tag\">")
        html.markup(problem.severity.word)
        html.markup("</span> ")
        html.text(problem.title)
        html.markup("</h3><p class=\"who\">")
        if let module = problem.module {
            html.markup("<b>")
            writeName(module)
            html.markup("</b>")
        }
        for (index, place) in problem.places.enumerated() {
            if index > 0 || problem.module != nil { html.markup(" · ") }
            html.span("place", place)
        }
        html.markup("</p><p>")
        html.text(problem.text)
        html.markup("</p><pre><code>")
        html.text(problem.command)
        html.markup("</code></pre></li>\n")
    }

    private mutating func writeLimitations() {
        guard !limitations.isEmpty else { return }
        html.markup("<div class=\"limits\" id=\"limits\"><h3>")
        html.text(scrape.isTableRead ? "What the exporter cannot see" : "The reason")
        html.markup("</h3><ul>")
        for limitation in limitations.prefix(Self.limitationsMax) {
            html.markup("<li>")
            html.text(limitation.prefix(1).uppercased() + limitation.dropFirst() + ".")
            html.markup("</li>")
        }
        html.markup("</ul></div>\n")
    }

    /// What kept the scrape from being complete, a sentence each.
    static func limitations(_ scrape: Scrape) -> [String] {
        guard scrape.isTableRead else { return scrape.problems }
        let results = scrape.samples.samples(of: Metric.scrapeCollectorSuccess) ?? []
        let failed = results.filter { $0.value == 0 }.map { $0["collector"] }
        let disabled = CollectorName.findingProblems.filter { name in
            !results.contains { $0["collector"] == name }
        }
        func list(_ names: [String], _ words: String) -> [String] {
            names.isEmpty ? [] : [words + names.joined(separator: ", ")]
        }
        return scrape.problems + list(failed, "failed collectors: ")
            + list(disabled, "collectors that are off, and find no problems: ")
    }
}

extension CollectorName {
    /// Those whose samples the problems are found in.
    fileprivate static let findingProblems = [module, listener, ephemeralPort].map(\.rawValue)
}
