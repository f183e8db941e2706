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

        /// Options; the defaults are those of `fantail follow`.
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
    private let status: StatusWriter
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
        status = StatusWriter(path: meta.statusPath)
    }

    /// Follows until cancelled, or until the head is reached with `once`. On return readers go on reading.
    ///
    /// Errors: what no waiting and no rebuilding helps against.
    package func run() async throws(FollowerError) {
        let lock = try await onThread { [meta, path] in try meta.lock(path) }
        defer { extendLifetime(lock) }
        var pause = Self.firstPause
        var isRebuilding = false
        while !Task.isCancelled {
            do throws(FollowerError) {
                let copy = try await open(isRebuilding: isRebuilding)
                defer { close(copy) }
                isRebuilding = false
                pause = Self.firstPause
                try await follow(copy)
                return
            } catch {
                guard !Task.isCancelled else { return }
                switch error.reaction {
                case .stop:
                    status.stalled(error)
                    throw error
                case .retry, .replan:
                    status.stalled(error)
                    if options.once { throw error }
                    logger.warning("cannot follow, trying again", metadata: ["error": "\(error)"])
                case .rebase:
                    status.diverged(error)
                    logger.warning("rebuilding the copy from the log", metadata: ["error": "\(error)"])
                    isRebuilding = true
                }
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    private static let firstPause = Duration.milliseconds(100)

    // MARK: Getting a copy

    /// The copy that is there, made right where it is if need be, or a new one restored from the log.
    private func open(isRebuilding: Bool) async throws(FollowerError) -> CopyBox {
        guard try await onThread({ [path] in try File.exists(path) }) else { return try await create() }
        let record = CopyRecord.load(meta.recordPath)
        if !isRebuilding, let record, record.url == url {
            do throws(FollowerError) { return try await openCopy(record) } catch {
                guard error.reaction == .rebase else { throw error }
                // A file that fantail did not make may well be there by mistake: then it is not touched.
                if try await mayReplace() { logger.warning("the copy is not what it was", metadata: ["error": "\(error)"]) }
            }
        } else if let record, record.url != url {
            logger.warning("this was a copy from another log", metadata: ["log": "\(record.url)"])
        }
        guard try await mayReplace() else { throw .notOurs(path: path) }
        do throws(FollowerError) { return try await rebuild() } catch {
            guard case .copyUnusable = error else { throw error }
            logger.warning("replacing the copy", metadata: ["reason": "\(error)"])
            return try await create()
        }
    }

    private func mayReplace() async throws(FollowerError) -> Bool {
        if options.force { return true }
        return try await onThread { [meta, path] in try meta.owns(path) }
    }

    private func openCopy(_ record: CopyRecord) async throws(FollowerError) -> CopyBox {
        try await onThread { [path, meta] in
            guard let pageSize = PageSize(record.pageSize) else { throw FollowerError.copyChanged(path: path) }
            let stage = try PageStage(path: meta.stagePath, pageSize: pageSize)
            return CopyBox(try Copy(path: path, meta, record), stage)
        }
    }

    /// Restores a new copy from the log.
    private func create() async throws(FollowerError) -> CopyBox {
        status.cold()
        let state: DatabaseState
        do {
            let progress = RestoreProgressLog(logger)
            let restore = Restore(replica, to: meta.newPath, existing: .replace, progress: progress.update)
            guard let restored = try await restore.run() else {
                preconditionFailure("BUG: a restore that keeps what it shall replace")
            }
            state = restored
        } catch { throw .restore(error) }
        let new = NewCopy(directory: meta, url: url, state: state)
        let copy = try await onThread { [path, meta] in
            CopyBox(try new.publish(as: path), try PageStage(path: meta.stagePath, pageSize: state.pageSize))
        }
        logger.notice("restored the copy", metadata: ["txid.max": "\(state.position.txid)"])
        return copy
    }

    /// Makes the copy that is there the head of the log, by the pages that differ and in one transaction:
    /// readers go on reading, and nobody ever sees half of it.
    private func rebuild() async throws(FollowerError) -> CopyBox {
        do {
            var reader = try await replica.openState()
            let pageSize = reader.header.pageSize
            let copy = try await onThread { [path, meta, url] in
                let stage = try PageStage(path: meta.stagePath, pageSize: pageSize)
                return CopyBox(try Copy(rebuilding: path, meta, url: url, pageSize: pageSize), stage)
            }
            while let batch = try await reader.next() { try await onThread { try copy.stageDifference(batch) } }
            guard let state = reader.state else { preconditionFailure("BUG: no state at the end") }
            try await commit(CopyRecord.Entry(state), copy)
            logger.notice("made the copy right again", metadata: ["txid.max": "\(state.position.txid)"])
            return copy
        } catch { throw asFollowerError(error) }
    }

    /// Locks are let go on the thread that took them.
    private func close(_ copy: CopyBox) { thread.async { copy.close() } }

    // MARK: Following

    private func follow(_ copy: CopyBox) async throws(FollowerError) {
        var misses = 0
        status.catchingUp()
        try await catchUp(copy)
        status.live()
        while !options.once, !Task.isCancelled {
            if try await applyNext(copy) {
                misses = 0
                status.live()
                continue
            }
            misses += 1
            // The next file may have been compacted away, or the log may end before the copy: a listing tells.
            // Seldom, for it costs a dozen times what a look costs.
            if misses % Self.missesPerListing == 0 { try await catchUp(copy) }
            status.live()
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
            throw FollowerError.diverged(txid: header.name.maxTXID, reason: "its pages have another size")
        }
        copy.willShrink(to: header.commit)
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
