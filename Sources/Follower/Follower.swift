import Dispatch
import Files
package import Logging
package import Replica

/// Keeps a copy of a database in step with its log, until its task is cancelled.
///
/// Asks for the next TXID by name: no answer means "not yet", an answer is the data. A file is fetched and
/// verified whole, and continues exactly the state that the copy is in, before the copy is touched; then it
/// becomes one transaction that readers see or do not see.
package final class Follower: Sendable {
    /// How to follow.
    package struct Options: Sendable {
        /// The pause between two looks for the next file.
        package var pollInterval: Duration
        /// Whether to return once the head of the log is reached.
        package var once: Bool
        /// Whether a file that fantail did not make may be replaced.
        package var force: Bool

        /// Options; the defaults are those of `fantail follow`.
        package init(pollInterval: Duration = .seconds(1), once: Bool = false, force: Bool = false) {
            self.pollInterval = pollInterval
            self.once = once
            self.force = force
        }
    }

    let replica: Replica
    let url: String
    let path: String
    let options: Options
    let logger: Logger
    let meta: CopyDirectory
    let status: StatusWriter
    /// Where everything of SQLite's runs; the copy is touched here only.
    let thread = DispatchQueue(label: "fantail.copy", qos: .userInitiated)

    /// A follower that keeps the copy at `path` in step with the log `replica`, which `url` names.
    package init(replica: Replica, url: String, path: String, options: Options = Options(), logger: Logger) {
        self.replica = replica
        self.url = url
        self.path = path
        self.options = options
        var logger = logger
        logger[metadataKey: "db.path"] = .string(path)
        self.logger = logger
        meta = CopyDirectory(forCopy: path)
        status = StatusWriter(path: meta.statusPath)
    }

    /// Follows until cancelled, or until the head is reached with `once`. On return readers go on reading.
    ///
    /// Errors: what no waiting and no rebuilding helps against; with `once` also what waiting may help against.
    package func run() async throws(FollowerError) {
        let lock = try await onThread { [meta, path] in try meta.lock(path) }
        defer { extendLifetime(lock) }
        var effort = Effort()
        while !Task.isCancelled {
            do throws(FollowerError) {
                let copy = try await open(&effort)
                defer { close(copy) }
                return try await follow(copy, &effort)
            } catch {
                guard !Task.isCancelled else { return }
                switch effort.next(after: error) {
                case .stop:
                    status.stalled(error)
                    throw error
                case .replan:
                    logger.debug("planning again", metadata: ["error": "\(error)"])
                case .rebase:
                    report(error)
                    logger.warning("rebuilding the copy from the log", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: Effort.firstPause)
                case .retry:
                    status.stalled(error)
                    if options.once { throw error }
                    logger.warning("cannot follow, trying again", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: effort.pause())
                }
            }
        }
    }

    /// Says why the copy is about to be rebuilt: it is not what it should be, or the log is not, or neither is
    /// wrong and it is only too far behind.
    private func report(_ error: FollowerError) {
        switch error.logError {
        case nil: status.diverged(error)
        case .unbridgeable: status.catchingUp("\(error)")
        default: status.stalled(error)
        }
    }

    /// Runs `work` where everything of SQLite's runs.
    func onThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws(FollowerError) -> T {
        let result: Result<T, FollowerError> = await withCheckedContinuation { continuation in
            thread.async {
                continuation.resume(returning: Result { try work() }.mapError(asFollowerError))
            }
        }
        return try result.get()
    }
}
