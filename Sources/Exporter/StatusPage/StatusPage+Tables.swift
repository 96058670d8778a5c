// The tables of the page.
extension StatusPage {
    mutating func writeTables() {
        writeStates()
        writeModules()
        writeUnattributed()
        writeListeners()
        writeOffload()
    }

    /// Writes the heading of a table, with its anchor.
    mutating func heading(_ title: StaticString, _ id: StaticString) {
        html.markup("<h2 id=\"")
        html.markup(id)
        html.markup("\">")
        html.markup(title)
        html.markup("</h2>\n")
    }
}
