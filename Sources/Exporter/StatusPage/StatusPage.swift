import BuildInfo
import Exposition
import Glibc
import Linux
import MetricsServer

/// The page at `/`: what the samples of one scrape, as `/metrics` has them, say to people. First comes
/// what is wrong by the thresholds of the alerts. It works without scripts; with them it refreshes in place.
struct StatusPage {
    let scrape: Scrape
    let tables: PageTables
    let problems: [Problem]
    /// What the alerts make of the cells that the problems are about.
    let levels: [Problem.Cell: Problem.Severity]
    /// What kept the scrape from being complete.
    let limitations: [String]
    var html = HTMLText()
    private let telemetryPath: String

    private init(_ scrape: Scrape, telemetryPath: String) {
        self.scrape = scrape
        self.telemetryPath = telemetryPath
        tables = PageTables(scrape.samples)
        limitations = Self.limitations(scrape)
        problems = ProblemFinder.problems(tables, scrape.history, scrape.suspects)
        levels = Dictionary(
            problems.compactMap { problem in problem.cell.map { ($0, problem.severity) } },
            uniquingKeysWith: max)
    }

    /// The response for a scrape.
    ///
    /// - Parameter telemetryPath: The path of the metrics, from the page's own.
    static func response(_ scrape: Scrape, telemetryPath: String) -> HTTPResponse {
        var page = StatusPage(scrape, telemetryPath: telemetryPath)
        page.write()
        return HTTPResponse(
            status: scrape.isTableRead ? 200 : 503, contentType: "text/html; charset=utf-8",
            headers: PageAssets.headers + [("Cache-Control", "no-store")], body: page.html.bytes)
    }

    private mutating func write() {
        writeHead()
        html.markup("<body>\n")
        writeHeader()
        html.markup("<main>\n")
        writeVerdict()
        if scrape.isTableRead {
            writeOverview()
            writeModules()
            writeListeners()
            writeStates()
            writePorts()
            writePeers()
            writeUnattributed()
            writeOffload()
        }
        html.markup("</main>\n")
        writeFooter()
        html.markup("</body>\n</html>\n")
    }

    /// All links are relative, so that they are true behind a proxy that adds a prefix.
    private mutating func writeHead() {
        html.markup(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>
            """)
        html.text("\(verdict): TCP table of \(Self.hostName)")
        html.markup("</title>\n<link rel=\"icon\" href=\"")
        html.text(PageAssets.iconPath.relative)
        html.markup("\">\n<link rel=\"stylesheet\" href=\"")
        html.text(PageAssets.stylePath.relative)
        html.markup("\">\n<script defer src=\"")
        html.text(PageAssets.scriptPath.relative)
        html.markup("\"></script>\n</head>\n")
    }

    private mutating func writeHeader() {
        html.markup("<header><h1>TCP table of ")
        html.name(Self.hostName)
        html.markup("</h1><p class=\"dim\"><time>")
        let now = WallTime.now().utcText
        html.text("\(now.prefix(10)) \(now.dropFirst(11).prefix(8)) UTC")
        html.markup("</time> <span id=\"live\"></span></p></header>\n")
    }

    private mutating func writeFooter() {
        html.markup("<footer class=\"dim\">tcptable_exporter ")
        html.text("\(BuildInfo.version), revision \(BuildInfo.revision.prefix(12))")
        html.markup(" · <a href=\"")
        html.text(telemetryPath.relative)
        html.markup("\">Metrics</a></footer>\n")
    }

    /// Writes the heading of a section, with its anchor.
    mutating func heading(_ title: StaticString, _ id: StaticString) {
        html.markup("<h2 id=\"")
        html.markup(id)
        html.markup("\">")
        html.markup(title)
        html.markup("</h2>\n")
    }

    mutating func paragraph(_ text: String) {
        html.markup("<p class=\"dim\">")
        html.text(text)
        html.markup("</p>\n")
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "this host" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension String {
    /// A path of the service, from the page's.
    fileprivate var relative: String { String(dropFirst()) }
}
