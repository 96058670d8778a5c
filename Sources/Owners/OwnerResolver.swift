package import TCPModel

/// Finds the owner modules of connections, scrape after scrape.
///
/// Owners are found in this order:
/// 1. a process that holds a descriptor for the socket; one that only a service manager holds is the
///    service's for which the manager made it;
/// 2. for a connection that no program has accepted yet, the owner of the listener;
/// 3. the service or container of the cgroup in which the socket was created: orphans, and sockets
///    whose holder may not be looked into;
/// 4. nobody.
///
/// The table is read first and /proc after it, so that a holder is searched for once it is known to be
/// needed. Holders are cached: a scrape searches for those of new sockets only, and verifies of the
/// others what could have changed. That a living process' socket went to another process is noticed
/// within `verificationPeriod` scrapes; that a process ended or became another program, at the next.
package struct OwnerResolver {
    /// In this many scrapes each cached holder is verified at least once.
    package static let verificationPeriod = KnownOwners.verificationPeriod

    private var known: KnownOwners
    private var search: HolderSearch

    /// - Parameters:
    ///   - naming: The administrator's names of processes.
    ///   - containerNaming: The names of containers.
    ///   - searchTimeMax: How long one scrape may search for holders; what is not found by then is
    ///     `partial`, and searched for again by the next scrape. Nil searches to the end.
    package init(
        holders: any SocketHolders, information: any ProcessInformation,
        cgroups: any CgroupDirectories, naming: (any ProcessNaming)? = nil,
        containerNaming: (any ContainerNaming)? = nil, searchTimeMax: Duration? = nil
    ) {
        self.init(
            KnownOwners(information, cgroups, naming, containerNaming),
            HolderSearch(holders, timeMax: searchTimeMax)
        )
    }

    init(_ known: KnownOwners, _ search: HolderSearch) {
        self.known = known
        self.search = search
    }

    /// How many sockets are cached; at most `SocketCache.socketsMax`.
    package var cachedSocketCount: Int { known.sockets.count }

    /// Begins a scrape.
    package consuming func beginScrape() -> OwnerLookup {
        known.beginScrape()
        search.readAhead()
        return OwnerLookup(known, search)
    }
}
