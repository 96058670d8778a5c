import Synchronization
package import WebConfiguration

/// Checks passwords against bcrypt hashes.
///
/// bcrypt is slow on purpose, so it runs on a thread of its own, one password at a time, and its
/// verdicts are cached. Right and wrong ones have caches of their own: nobody who guesses passwords
/// can push out those who know theirs. An unknown user costs what a wrong password costs.
package final class BasicAuthenticator: Sendable {
    package enum Verdict: Sendable {
        case accepted
        case refused
        /// Too many others wait already.
        case busy
    }

    package typealias Deliver = @Sendable (Verdict) -> Void
    /// Whether a password is the one of a hash.
    package typealias Verify = @Sendable (_ password: [UInt8], _ hash: BcryptHash) -> Bool
    /// Runs a closure on another thread.
    package typealias Run = @Sendable (_ body: @escaping @Sendable () -> Void) -> Void

    /// Passwords that wait for their turn; at a cost of 10, some 50 ms each.
    static let jobsMax = 16
    /// Requests that wait for these.
    static let waitersMax = 128
    /// One password is usual; a user who changes his has two.
    static let acceptedMax = 256
    /// At some 100 bytes each.
    static let refusedMax = 4096

    fileprivate struct Job {
        let digest: CredentialDigest
        let password: [UInt8]
        let hash: BcryptHash
        /// Whether there is such a user.
        let isKnown: Bool
        let highestCost: Int
        let generation: Int
    }

    fileprivate struct State {
        var accepted = VerdictCache(countMax: acceptedMax)
        var refused = VerdictCache(countMax: refusedMax)
        /// In the order of their coming; the first may be under way.
        var jobs: [Job] = []
        var waiters: [CredentialDigest: [Deliver]] = [:]
        var waiterCount = 0
        var isRunning = false
        var generation = 0
    }

    /// What comes of a check at once.
    fileprivate enum Step {
        case decided(Verdict)
        case queued(mustRun: Bool)
    }

    private let verify: Verify
    private let run: Run
    private let key = CredentialDigest.Key()
    private let state = Mutex(State())

    package init(verify: @escaping Verify = Bcrypt.verify, run: @escaping Run) {
        self.verify = verify
        self.run = run
    }

    /// Delivers a verdict on a request: at once if it is known, else later, from another thread.
    ///
    /// - Parameters:
    ///   - header: The value of `Authorization`.
    ///   - generation: Grows whenever the users may have changed; cached verdicts of the old ones are
    ///     dropped.
    package func check(
        _ header: String?, _ users: UserList, generation: Int, deliver: @escaping Deliver
    ) {
        guard let credentials = header.flatMap(BasicCredentials.init) else {
            return deliver(.refused)
        }
        let known = users.hashes[credentials.user]
        let hash = known ?? .decoy(cost: users.highestCost)
        guard let digest = CredentialDigest(credentials, comparedWith: hash, key) else {
            return deliver(.busy)
        }
        let job = Job(
            digest: digest, password: credentials.password, hash: hash, isKnown: known != nil,
            highestCost: users.highestCost, generation: generation)
        switch state.withLock({ $0.take(job, deliver) }) {
        case .decided(let verdict): deliver(verdict)
        case .queued(let mustRun): if mustRun { run { [self] in work() } }
        }
    }

    /// Does the queued jobs, one after the other.
    private func work() {
        while let job = state.withLock({ $0.nextJob() }) {
            let verdict: Verdict = decide(job) ? .accepted : .refused
            let waiters = state.withLock { $0.finish(job, verdict) }
            for deliver in waiters { deliver(verdict) }
        }
    }

    /// A refusal always costs 2 to the power of the highest cost: a hash of cost c, and one more of each cost
    /// from c to below the highest, add up to exactly that.
    private func decide(_ job: Job) -> Bool {
        let isRight = verify(job.password, job.hash) && job.isKnown
        if isRight { return true }
        for cost in job.hash.cost..<max(job.hash.cost, job.highestCost) {
            _ = verify(job.password, .decoy(cost: cost))
        }
        return false
    }
}

extension BasicAuthenticator.State {
    /// Decides from the cache, or queues the job.
    mutating func take(
        _ job: BasicAuthenticator.Job, _ deliver: @escaping BasicAuthenticator.Deliver
    ) -> BasicAuthenticator.Step {
        if job.generation > generation { forget(upTo: job.generation) }
        if job.isKnown && accepted.contains(job.digest) { return .decided(.accepted) }
        if refused.contains(job.digest) { return .decided(.refused) }
        guard waiterCount < BasicAuthenticator.waitersMax else { return .decided(.busy) }
        if waiters[job.digest] == nil {
            guard jobs.count < BasicAuthenticator.jobsMax else { return .decided(.busy) }
            jobs.append(job)
        }
        waiters[job.digest, default: []].append(deliver)
        waiterCount += 1
        defer { isRunning = true }
        return .queued(mustRun: !isRunning)
    }

    /// The job whose turn it is; nil, after which somebody else must run, if there is none.
    mutating func nextJob() -> BasicAuthenticator.Job? {
        isRunning = !jobs.isEmpty
        return jobs.first
    }

    /// Caches a verdict, and returns those who wait for it.
    mutating func finish(
        _ job: BasicAuthenticator.Job, _ verdict: BasicAuthenticator.Verdict
    ) -> [BasicAuthenticator.Deliver] {
        jobs.removeFirst()
        // The users may have changed meanwhile.
        if job.generation == generation {
            if verdict == .accepted {
                accepted.insert(job.digest)
            } else {
                refused.insert(job.digest)
            }
        }
        let found = waiters.removeValue(forKey: job.digest) ?? []
        waiterCount -= found.count
        return found
    }

    private mutating func forget(upTo generation: Int) {
        self.generation = generation
        accepted.removeAll()
        refused.removeAll()
    }
}
