package import MetricsServer
import Synchronization
package import WebConfiguration

/// Checks passwords against bcrypt hashes.
///
/// bcrypt is slow on purpose, so it runs on a thread of its own, one password at a time, and its
/// verdicts are cached. Right and wrong ones have caches of their own: nobody who guesses passwords
/// can push out those who know theirs. An unknown user costs what a wrong password costs.
///
/// A verdict holds as long as the user has the same hash, whatever else of the configuration changes.
package final class BasicAuthenticator: Sendable {
    package enum Verdict: Sendable {
        case accepted
        case refused
        /// Others of the same client wait already, or there is no memory.
        case busy
    }

    package typealias Deliver = @Sendable (Verdict) -> Void
    /// Whether a password is the one of a hash.
    package typealias Verify = @Sendable (_ password: [UInt8], _ hash: BcryptHash) -> Bool
    /// Runs a closure on another thread.
    package typealias Run = @Sendable (_ body: @escaping @Sendable () -> Void) -> Void

    /// One password is usual; a user who changes his has two.
    static let acceptedMax = 256
    /// At some 100 bytes each.
    static let refusedMax = 4096

    fileprivate struct State {
        var accepted = VerdictCache(countMax: acceptedMax)
        var refused = VerdictCache(countMax: refusedMax)
        var queue = PasswordQueue()
        /// Of each password that is in the queue or being checked.
        var waiters: [CredentialDigest: [Deliver]] = [:]
        var isRunning = false
    }

    /// What comes of a check at once.
    fileprivate enum Step {
        case decided(Verdict)
        /// Those whose place in the queue is gone are busy.
        case queued(mustRun: Bool, evicted: [Deliver])
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
    /// - Parameter header: The value of `Authorization`.
    package func check(
        _ header: String?, _ users: UserList, from client: ClientAddress?,
        deliver: @escaping Deliver
    ) {
        guard let credentials = header.flatMap(BasicCredentials.init) else {
            return deliver(.refused)
        }
        let known = users.hashes[credentials.user]
        let hash = known ?? .decoy(cost: users.highestCost)
        guard
            let digest = CredentialDigest(
                credentials, comparedWith: hash, isKnown: known != nil, key)
        else { return deliver(.busy) }
        let job = PasswordJob(
            digest: digest, user: credentials.user, password: credentials.password, hash: hash,
            isKnown: known != nil, highestCost: users.highestCost)
        switch state.withLock({ $0.take(job, from: client, deliver) }) {
        case .decided(let verdict): deliver(verdict)
        case .queued(let mustRun, let evicted):
            for deliver in evicted { deliver(.busy) }
            if mustRun { run { [self] in work() } }
        }
    }

    /// Does the queued jobs, one after the other.
    private func work() {
        while let job = state.withLock({ $0.nextJob() }) {
            let verdict: Verdict = decide(job) ? .accepted : .refused
            for deliver in state.withLock({ $0.finish(job, verdict) }) { deliver(verdict) }
        }
    }

    /// A refusal always costs 2 to the power of the highest cost: a hash of cost c, and one more of each
    /// cost from c to below the highest, add up to exactly that.
    private func decide(_ job: PasswordJob) -> Bool {
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
        _ job: PasswordJob, from client: ClientAddress?,
        _ deliver: @escaping BasicAuthenticator.Deliver
    ) -> BasicAuthenticator.Step {
        if accepted.contains(job.digest) { return .decided(.accepted) }
        if refused.contains(job.digest) { return .decided(.refused) }
        if waiters[job.digest] != nil {
            waiters[job.digest]?.append(deliver)
            return .queued(mustRun: false, evicted: [])
        }
        waiters[job.digest] = [deliver]
        let evicted = queue.append(job, from: client).flatMap { removeWaiters(of: $0) } ?? []
        defer { isRunning = true }
        return .queued(mustRun: !isRunning, evicted: evicted)
    }

    /// The job whose turn it is; nil, after which somebody else must run, if there is none.
    mutating func nextJob() -> PasswordJob? {
        let job = queue.popFirst()
        isRunning = job != nil
        return job
    }

    /// Caches a verdict, and returns those who wait for it.
    mutating func finish(
        _ job: PasswordJob, _ verdict: BasicAuthenticator.Verdict
    ) -> [BasicAuthenticator.Deliver] {
        if verdict == .accepted {
            accepted.insert(job.digest)
        } else {
            refused.insert(job.digest)
        }
        return removeWaiters(of: job) ?? []
    }

    private mutating func removeWaiters(of job: PasswordJob) -> [BasicAuthenticator.Deliver]? {
        waiters.removeValue(forKey: job.digest)
    }
}
