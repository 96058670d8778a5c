import MetricsServer

/// The style sheet, script and icon of the page at `/`. The page loads nothing from other hosts.
enum PageAssets {
    static let stylePath = "/-/page.css"
    static let scriptPath = "/-/page.js"
    static let iconPath = "/-/icon.svg"

    /// All paths.
    static let paths = [stylePath, scriptPath, iconPath]

    /// Forbids loading from, sending to, and being framed by other hosts, and inline scripts and styles:
    /// injected markup would have no effect.
    static let headers: [(name: String, value: String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
    ]

    static var routes: [Route] {
        [
            route(stylePath, "text/css; charset=utf-8", style),
            route(scriptPath, "text/javascript; charset=utf-8", script),
            route(iconPath, "image/svg+xml", icon),
        ]
    }

    private static func route(_ path: String, _ type: String, _ text: String) -> Route {
        let response = HTTPResponse(
            contentType: type,
            headers: headers + [("Cache-Control", "max-age=3600")], body: Array(text.utf8))
        return Route(path: path) { _, exchange in exchange.respond(response) }
    }

    private static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" \
        fill="#2563a8"/><path d="M3 5h10M3 8h7M3 11h4" stroke="#fff" stroke-width="1.6"/></svg>

        """
}
