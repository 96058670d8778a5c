import TCPConnections

/// What one scrape gave: an exposition, and what kept it from being complete.
package struct Scrape: Sendable {
    /// The exposition. Without the table it holds nothing but the exporter's own metrics.
    package var exposition: [UInt8]
    /// Whether the table was read: without it, no gauge of the table is given at all.
    package var isTableRead: Bool
    /// What went wrong, a sentence each, worded the same as long as it is the same.
    package var problems: [String]

    /// One scrape of this host's own table, by an exporter that lives no longer.
    package static func once(_ options: ScraperOptions) -> Scrape {
        var scraper = Scraper(options, source: KernelTCPTable(procfs: options.procfs))
        return scraper.scrape()
    }
}
