import BuildInfo

/// The page at `/`: what this is, and where the metrics are.
enum LandingPage {
    static func html(telemetryPath: String) -> String {
        let path = escaped(telemetryPath)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>tcptable_exporter</title>
            <style>
            :root { color-scheme: light dark }
            body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem; padding: 0 1rem }
            h1 { border-bottom: .2rem solid #e6522c; padding-bottom: .3rem }
            </style>
            </head>
            <body>
            <h1>tcptable_exporter</h1>
            <p>Which program on this host holds which TCP connections, in which state, and who moves their bytes.</p>
            <p>Version \(escaped(BuildInfo.version)), revision \(escaped(BuildInfo.revision))</p>
            <p><a href="\(path)">Metrics</a></p>
            </body>
            </html>

            """
    }

    /// Text for HTML, attribute values in double quotes included.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}
