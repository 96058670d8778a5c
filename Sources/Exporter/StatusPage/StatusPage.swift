import BuildInfo
import Exposition
import Glibc
import Linux
import MetricsServer

/// The page at `/`: the samples of one scrape, as `/metrics` has them, as tables for people. It works
/// without scripts; with them it refreshes in place.
struct StatusPage {
    let samples: TextExposition
    let isTableRead: Bool
    let problems: [String]
    let telemetryPath: String
    var html = HTMLText()

    private init(_ scrape: Scrape, telemetryPath: String) {
        samples = scrape.samples
        isTableRead = scrape.isTableRead
        problems = scrape.problems
        self.telemetryPath = telemetryPath
    }

    /// The response for a scrape.
    static func response(_ scrape: Scrape, telemetryPath: String) -> HTTPResponse {
        var page = StatusPage(scrape, telemetryPath: telemetryPath)
        page.write()
        return HTTPResponse(
            status: scrape.isTableRead ? 200 : 503, contentType: "text/html; charset=utf-8",
            headers: PageAssets.headers + [("Cache-Control", "no-store")], body: page.html.bytes)
    }

    private mutating func write() {
        html.markup(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>TCP table of 
            """)
        html.text(Self.hostName)
        html.markup("</title>\n<link rel=\"icon\" href=\"")
        html.text(PageAssets.iconPath)
        html.markup("\">\n<link rel=\"stylesheet\" href=\"")
        html.text(PageAssets.stylePath)
        html.markup("\">\n<script defer src=\"")
        html.text(PageAssets.scriptPath)
        html.markup("\"></script>\n</head>\n<body>\n")
        writeHeader()
        html.markup("<main>\n")
        writeProblems()
        if isTableRead { writeTables() }
        html.markup("</main>\n")
        writeFooter()
        html.markup("</body>\n</html>\n")
    }

    private mutating func writeHeader() {
        html.markup("<header><h1>TCP table of ")
        html.name(Self.hostName)
        html.markup("</h1><p class=\"dim\">Read at <time>")
        html.text(WallTime.now().utcText)
        html.markup("</time> <span id=\"live\"></span></p></header>\n")
    }

    private mutating func writeProblems() {
        guard !problems.isEmpty else { return }
        html.markup("<section class=\"problems\" id=\"problems\"><strong>")
        html.text(isTableRead ? "Warnings" : "The TCP table cannot be read")
        html.markup("</strong><ul>")
        for problem in problems {
            html.markup("<li>")
            html.text(problem)
            html.markup("</li>")
        }
        html.markup("</ul></section>\n")
    }

    private mutating func writeFooter() {
        html.markup("<footer class=\"dim\">tcptable_exporter ")
        html.text("\(BuildInfo.version), revision \(BuildInfo.revision)")
        html.markup(" · <a href=\"")
        html.text(telemetryPath)
        html.markup("\">Metrics</a></footer>\n")
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "this host" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
