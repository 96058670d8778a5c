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

    /// Wide tables scroll in their own box, so that the page does not scroll sideways.
    private static let style = """
        :root { color-scheme: light dark; --text: #1d2329; --dim: #5b6670; --back: #fff;
            --line: #dde3e8; --head: #f4f6f8; --accent: #c8441b; --warn: #fff4e5; --bar: #e9edf0 }
        @media (prefers-color-scheme: dark) { :root { --text: #e3e8ec; --dim: #98a4ae;
            --back: #14181b; --line: #2b3238; --head: #1c2226; --accent: #ff8a5c; --warn: #33260f;
            --bar: #252c31 } }
        * { box-sizing: border-box }
        body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--back);
            color: var(--text); font: 15px/1.45 system-ui, sans-serif }
        header { border-bottom: 3px solid var(--accent); margin-bottom: 1rem }
        h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere }
        h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem }
        p { margin: .3rem 0 .6rem; max-width: 46rem }
        .dim { color: var(--dim) }
        .box { overflow-x: auto; border: 1px solid var(--line); border-radius: .4rem }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
        th, td { padding: .25rem .6rem; text-align: left; white-space: nowrap;
            border-top: 1px solid var(--line) }
        thead th { background: var(--head); border-top: 0; font-weight: 600 }
        tbody th { font-weight: 400; white-space: pre-wrap; overflow-wrap: anywhere; min-width: 9rem }
        .n { text-align: right }
        .zero { color: var(--dim) }
        .alarm { color: var(--accent); font-weight: 700 }
        .wide { width: 30%; min-width: 8rem }
        .prose { white-space: normal; min-width: 14rem }
        @media (max-width: 40rem) { body { padding: .6rem } th, td { padding: .25rem .4rem }
            tbody th { min-width: 6rem } .wide { min-width: 4rem } }
        svg { display: block; width: 100%; height: .8rem; background: var(--bar); border-radius: .2rem }
        .problems { background: var(--warn); border-left: 4px solid var(--accent); padding: .5rem 1rem }
        .problems ul { margin: .2rem 0; padding-left: 1.1rem }
        .established { fill: #2f9e63 } .listen { fill: #3b82c4 } .time_wait { fill: #9aa5ae }
        .close_wait { fill: #d9480f } .syn_sent, .syn_recv { fill: #d4a017 }
        .fin_wait1, .fin_wait2, .closing, .last_ack { fill: #8e6bbf } .close { fill: #6c7780 }
        a { color: inherit }
        footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: .6rem }

        """

    /// Refreshes the page in place while it is visible. All markup comes from the server.
    private static let script = """
        "use strict";
        const seconds = 5;
        async function refresh() {
            const live = document.getElementById("live");
            try {
                const answer = await fetch(location.pathname, { cache: "no-store" });
                const page = new DOMParser().parseFromString(await answer.text(), "text/html");
                const main = page.querySelector("main");
                if (!main) throw new Error("no table in the response");
                const boxes = [...document.querySelectorAll(".box")].map(box => box.scrollLeft);
                document.querySelector("main").replaceWith(document.adoptNode(main));
                document.querySelectorAll(".box").forEach((box, i) => box.scrollLeft = boxes[i] || 0);
                const time = page.querySelector("header time");
                document.querySelector("header time").replaceWith(document.adoptNode(time));
                live.textContent = "refreshed every " + seconds + " s";
            } catch (error) {
                live.textContent = "cannot refresh: " + error.message;
            }
            setTimeout(refreshIfSeen, seconds * 1000);
        }
        function refreshIfSeen() {
            if (!document.hidden) return refresh();
            document.addEventListener("visibilitychange", refreshIfSeen, { once: true });
        }
        setTimeout(refreshIfSeen, seconds * 1000);

        """

    private static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" \
        fill="#c8441b"/><path d="M3 5h10M3 8h7M3 11h4" stroke="#fff" stroke-width="1.6"/></svg>

        """
}
