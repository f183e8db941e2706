import Dispatch
import Files
import LTX
package import Logging
import ObjectStore
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

        package init(pollInterval: Duration = .seconds(1), once: Bool = false, force: Bool = false) {
            self.pollInterval = pollInterval
            self.once = once
            self.force = force
        }
    }

    private let replica: Replica
    private let url: String
    private let path: String
    private let options: Options
    private let logger: Logger
    private let meta: CopyDirectory
    /// Where everything of SQLite's runs; the copy is touched here only.
    private let thread = DispatchQueue(label: "fantail.copy", qos: .userInitiated)

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
    }

    /// Follows until cancelled, or until the head is reached with `once`. On return readers go on reading.
    ///
    /// Errors: what no waiting and no rebuilding helps against.
    package func run() async throws(FollowerError) {
        let lock = try await onThread { [meta, path] in try meta.lock(path) }
        defer { extendLifetime(lock) }
        var pause = Self.firstPause
        while !Task.isCancelled {
            do throws(FollowerError) {
                let copy = try await open()
                defer { close(copy) }
                pause = Self.firstPause
                try await follow(copy)
                return
            } catch {
                guard !Task.isCancelled else { return }
                switch error.reaction {
                case .stop: throw error
                case .retry, .replan:
                    if options.once { throw error }
                    logger.warning("cannot follow, trying again", metadata: ["error": "\(error)"])
                case .rebase:
                    logger.warning("rebuilding the copy from the log", metadata: ["error": "\(error)"])
                    try await onThread { [meta] in try meta.forgetRecord() }
                }
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    private static let firstPause = Duration.milliseconds(100)

    // MARK: Getting a copy

    /// The copy that is there, or a new one restored from the log.
    private func open() async throws(FollowerError) -> CopyBox {
        if let record = CopyRecord.load(meta.recordPath), record.url == url,
            try await onThread({ [path] in try File.exists(path) })
        {
            return try await openCopy(record)
        }
        if !options.force, !meta.isOurs, try await onThread({ [path] in try File.exists(path) }) {
            throw .notOurs(path: path)
        }
        try await onThread { [meta] in try meta.claim() }
        let state: DatabaseState
        do {
            guard let restored = try await Restore(replica, to: path, existing: .replace).run() else {
                preconditionFailure("BUG: a restore that keeps what it shall replace")
            }
            state = restored
        } catch { throw .restore(error) }
        let entry = CopyRecord.Entry(
            txid: state.position.txid.rawValue, checksum: state.position.checksum.rawValue,
            epoch: state.epoch?.rawValue ?? 0, pageCount: state.commit, salt1: 0, salt2: 0, frame: 0, sum1: 0, sum2: 0)
        let record = CopyRecord(url: url, pageSize: state.pageSize.byteCount, before: entry, after: nil)
        try await onThread { [meta] in try record.save(meta.recordPath) }
        logger.notice("restored the copy", metadata: ["txid.max": "\(state.position.txid)"])
        return try await openCopy(record)
    }

    private func openCopy(_ record: CopyRecord) async throws(FollowerError) -> CopyBox {
        try await onThread { [path, meta] in
            guard let pageSize = PageSize(record.pageSize) else { throw FollowerError.copyChanged(path: path) }
            let stage = try PageStage(path: meta.stagePath, pageSize: pageSize)
            return CopyBox(try Copy(path: path, recordPath: meta.recordPath, record), stage)
        }
    }

    /// Locks are let go on the thread that took them.
    private func close(_ copy: CopyBox) { thread.async { copy.close() } }

    // MARK: Following

    private func follow(_ copy: CopyBox) async throws(FollowerError) {
        var misses = 0
        try await catchUp(copy)
        while !options.once, !Task.isCancelled {
            if try await applyNext(copy) {
                misses = 0
                continue
            }
            misses += 1
            // The next file may have been compacted away, or the log may end before the copy: a listing tells.
            // Seldom, for it costs a dozen times what a look costs.
            if misses % Self.missesPerListing == 0 { try await catchUp(copy) }
            try? await Task.sleep(for: options.pollInterval)
        }
    }

    /// A gap is noticed within this many looks for the next file.
    private static let missesPerListing = 30

    /// Asks for the next file by name, and applies it; false if there is none yet.
    private func applyNext(_ copy: CopyBox) async throws(FollowerError) -> Bool {
        do {
            guard let reader = try await replica.open(copy.position.next) else { return false }
            try await commit(try await stage(reader, copy, continuing: copy.entry), copy)
            return true
        } catch { throw asFollowerError(error) }
    }

    /// Brings the copy to the head in one transaction: readers must not see states go by that are long past.
    private func catchUp(_ copy: CopyBox) async throws(FollowerError) {
        do {
            let plan = try RestorePlan.catchUp(
                from: copy.position, in: try await replica.catalogue(), store: replica.store.description)
            guard !plan.files.isEmpty else { return }
            var entry = copy.entry
            for file in plan.files { entry = try await stage(try await replica.open(file), copy, continuing: entry) }
            try await commit(entry, copy)
        } catch { throw asFollowerError(error) }
    }

    /// Fetches and verifies one file into the stage, and answers the state that it leads to.
    ///
    /// Errors: `.diverged` if the file is stamped and does not continue `state`.
    private func stage(
        _ reader: consuming LogReader, _ copy: CopyBox, continuing state: CopyRecord.Entry
    ) async throws -> CopyRecord.Entry {
        var reader = consume reader
        let header = reader.header
        try requireContinuation(header, state)
        guard header.pageSize == copy.stage.pageSize else {
            throw FollowerError.diverged(txid: header.name.maxTXID, reason: "its page size is another")
        }
        var page: [UInt8] = []
        while let number = try await reader.next(into: &page) { try copy.stage.put(number.rawValue, page) }
        var entry = state
        entry.txid = header.name.maxTXID.rawValue
        entry.pageCount = header.commit
        entry.checksum = header.stamp?.after.rawValue
        entry.epoch = header.stamp?.epoch.rawValue ?? 0
        return entry
    }

    /// A stamped file says which state it continues. One that replaces everything, or one whose range begins
    /// before the copy's state, cannot be held against it; an unstamped one is another program's.
    private func requireContinuation(_ header: LTXHeader, _ state: CopyRecord.Entry) throws(FollowerError) {
        guard let stamp = header.stamp, header.name.minTXID.rawValue == state.txid + 1 else { return }
        if stamp.epoch.rawValue < state.epoch {
            throw .diverged(txid: header.name.maxTXID, reason: "it was written in an older epoch")
        }
        if let before = stamp.before, let known = state.checksum, before.rawValue != known {
            throw .diverged(txid: header.name.maxTXID, reason: "it continues another state")
        }
    }

    private func commit(_ entry: CopyRecord.Entry, _ copy: CopyBox) async throws(FollowerError) {
        try await onThread { try copy.apply(entry) }
        logger.debug(
            "applied ltx", metadata: ["txid.max": "\(copy.position)", "db.pages": "\(entry.pageCount)"])
    }

    private func onThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws(FollowerError) -> T {
        let result: Result<T, FollowerError> = await withCheckedContinuation { continuation in
            thread.async {
                continuation.resume(returning: Result { try work() }.mapError(asFollowerError))
            }
        }
        return try result.get()
    }
}
