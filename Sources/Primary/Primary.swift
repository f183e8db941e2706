import Dispatch
import Files
import LTX
package import Logging
package import Replica
import Synchronization

/// Ships one SQLite database to a log: captures its WAL, writes LTX files and publishes them, until drained.
///
/// Two workers with one stage of pages each: a thread that captures (`CaptureLoop`) and a task that writes and
/// ships (`Shipper`). While one file is on its way the next one only grows. What could not be captured or
/// shipped in one session is made good by the next, from the WAL where that proves nothing was missed, else by
/// comparing every page with its checksum.
package final class Primary: Sendable {
    /// How to replicate.
    package struct Options: Sendable {
        /// The least time between two files under load.
        package var syncInterval: Duration
        /// Whether to wait for a database that does not exist yet or is locked; if not, that is an error.
        package var waitsForDatabase: Bool
        /// How long a drain may take while the store does not answer.
        package var drainTimeout: Duration
        /// The time between two looks whether the log can still be restored: a listing each.
        package var logCheckInterval: Duration

        /// Options; the defaults are those of `fantail replicate`.
        package init(
            syncInterval: Duration = .seconds(1), waitsForDatabase: Bool = true, drainTimeout: Duration = .seconds(10),
            logCheckInterval: Duration = .seconds(600)
        ) {
            self.syncInterval = syncInterval
            self.waitsForDatabase = waitsForDatabase
            self.drainTimeout = drainTimeout
            self.logCheckInterval = logCheckInterval
        }
    }

    private let database: String
    private let url: String
    private let replica: Replica
    private let options: Options
    private let logger: Logger
    private let meta: MetaDirectory
    private let drainer = Drainer()
    /// Whether the store took a file from this process.
    private let isWelcome = Atomic(false)

    /// A primary for the database at path `database`; `url` names the log, so that what is remembered of one
    /// is never taken for another.
    package init(database: String, replica: Replica, url: String, options: Options = Options(), logger: Logger) {
        self.database = database
        self.url = url
        self.replica = replica
        self.options = options
        var logger = logger
        logger[metadataKey: "db.path"] = .string(database)
        self.logger = logger
        meta = MetaDirectory(forDatabase: database)
    }

    /// Asks `run` to ship everything that is committed by now, and to return.
    package func drain() { drainer.drain() }

    /// Ships until drained.
    ///
    /// Errors: what no waiting helps against, above all `.fenced`; `.unshipped` if a drain was not done in time.
    package func run() async throws(PrimaryError) {
        let lock = try await lockDirectory()
        defer { extendLifetime(lock) }
        var distrustsWAL = false
        var patience = Backoff()
        while true {
            let begin = ContinuousClock.now
            do throws(PrimaryError) {
                guard try await waitForDatabase() else { return }
                return try await session(distrustsWAL: distrustsWAL)
            } catch {
                guard error.asksForReattach ? !drainer.isOverdue(options.drainTimeout)
                    : error.isTransient && options.waitsForDatabase && !drainer.isDraining
                else { throw error }
                logger.warning("starting over", metadata: ["error": "\(error)"])
                if error.asksForReattach { distrustsWAL = true }
                report("stalled", "\(error)")
                // A session that lasted has nothing to do with the failures before it.
                if .now - begin > .seconds(10) { patience = Backoff() }
                await drainer.sleep(patience.next())
                if case .databaseOverwritten = error { await waitForWriter() }
            }
        }
    }

    /// One attachment to one database file, from the first look to the end of a drain.
    private func session(distrustsWAL: Bool) async throws(PrimaryError) {
        let head = try await retrying { [replica] in try await replica.primaryHead() }
        let watch = try translating { try WALWatch(path: database) }
        let mailbox = Mailbox(waking: watch)
        drainer.attach(mailbox)
        defer { drainer.attach(nil) }
        let (batches, feed) = AsyncStream.makeStream(of: Batch.self)
        let start = CaptureStart(
            database: database, url: url, meta: meta, head: head, distrustsWAL: distrustsWAL, logger: logger)
        let writer = SharedLogWriter()
        async let shipping: Void = ship(batches, writer, mailbox)
        let watching = Task { await watchLog(mailbox) }
        defer { watching.cancel() }
        let ended = await captureThread { [self] () throws(PrimaryError) in
            let (capture, scan) = try start.attach(writer, mailbox) { feed.yield($0) }
            if scan == nil { report("live", nil) } else { report("catching up", "reading the whole database") }
            var loop = CaptureLoop(capture, scan, watch, mailbox, syncInterval: options.syncInterval, logger) { feed.yield($0) }
            try loop.run()
            // What the last file does not hold is for the next start to find.
            if !capture.isDirty {
                try translating { try writer.withLock { try $0.note(PrimaryState.WALPlace(capture.seen)) } }
            }
        }
        feed.finish()
        await shipping
        try ended.get()
    }

    /// Ends the session once files are gone that the log cannot be restored without; the next one ships them anew.
    private func watchLog(_ mailbox: Mailbox) async {
        while true {
            guard (try? await Task.sleep(for: options.logCheckInterval)) != nil else { return }
            // A first image, which can take long, is on its way to a log that has none.
            guard mailbox.view.isLogComplete else { continue }
            // A store that does not answer says nothing about the log, nor does one that shows nothing at all: a disk
            // that is not mounted just now looks like that. If all is gone, the next file that we ship tells.
            if let head = try? await replica.primaryHead(), !head.isRestorable { mailbox.fail(.logLost(url: url)) }
        }
    }

    // MARK: Shipping

    private func ship(_ batches: AsyncStream<Batch>, _ writer: SharedLogWriter, _ mailbox: Mailbox) async {
        for await batch in batches {
            do throws(PrimaryError) {
                if let file = try await write(batch, writer) { try await publish(file, writer) }
                mailbox.shipped(try batch.cleared())
            } catch {
                mailbox.fail(error)
                // Capture ends now; what else is in the stream is captured anew by the next session.
                return
            }
        }
    }

    private func write(_ batch: Batch, _ writer: SharedLogWriter) async throws(PrimaryError) -> LocalFile? {
        switch batch {
        case .file(let file): return file
        case .pages(let sealed):
            return try await retrying {
                try await Blocking.run { () throws(PrimaryError) in
                    try translating { try writer.withLock { try $0.write(sealed) } }
                }
            }
        }
    }

    private func publish(_ file: LocalFile, _ writer: SharedLogWriter) async throws(PrimaryError) {
        let begin = ContinuousClock.now
        try await retrying { [replica] in try await replica.publishCaptured(file) }
        isWelcome.store(true, ordering: .relaxed)
        try await Blocking.run { () throws(PrimaryError) in
            try translating {
                // Until then the table could be made from the file; now it must not be lost to a power cut.
                try writer.withLock { try $0.syncChecksums() }
                _ = try File.remove(file.path)
            }
        }
        logger.debug(
            "shipped ltx",
            metadata: [
                "txid.max": "\(file.txid)", "ltx.bytes": "\(file.byteCount)",
                "duration.ms": "\((ContinuousClock.now - begin) / .milliseconds(1))",
            ])
        report("live", nil, txid: file.txid)
    }

    /// Does it again, for ever, as long as trying again can help; but not past the deadline of a drain.
    private func retrying<T: Sendable>(_ work: @Sendable () async throws -> T) async throws(PrimaryError) -> T {
        var patience = Backoff()
        while true {
            do { return try await work() } catch {
                let error = asPrimaryError(error)
                guard error.isTransient || error.isRefusal && isWelcome.load(ordering: .relaxed) else { throw error }
                if drainer.isOverdue(options.drainTimeout) || (drainer.isDraining && !options.waitsForDatabase) {
                    throw .unshipped(path: database, cause: "\(error)")
                }
                if patience.isFirst { logger.warning("cannot ship, trying again", metadata: ["error": "\(error)"]) }
                report("stalled", "\(error)")
                await drainer.sleep(patience.next())
            }
        }
    }

    private func report(_ state: String, _ reason: String?, txid: TXID? = nil) {
        PrimaryStatus.update(meta.statusPath, database: database, url: url, state: state, reason: reason, txid: txid)
    }

    // MARK: Getting hold of the database

    /// Keeps a second fantail off the database.
    private func lockDirectory() async throws(PrimaryError) -> LockFile {
        try await Blocking.run { [meta, database] () throws(PrimaryError) in
            let lock = try translating { () throws(FileError) in
                try Directory.create(meta.path)
                let lock = try LockFile(path: meta.lockPath)
                if lock != nil { try meta.removeLeftovers() }
                return lock
            }
            guard let lock else { throw .alreadyRunning(path: database) }
            return lock
        }
    }

    /// False if drained before there was a database.
    private func waitForDatabase() async throws(PrimaryError) -> Bool {
        var isFirst = true
        while try translating({ try File.status(database)?.size ?? 0 }) == 0 {
            guard options.waitsForDatabase else { throw .databaseMissing(path: database) }
            if drainer.isDraining { return false }
            if isFirst {
                logger.notice("waiting for the database to be created")
                report("waiting", "the database does not exist yet")
            }
            isFirst = false
            await drainer.sleep(.milliseconds(250))
        }
        return true
    }
}

extension Primary {
    /// Waits until whoever copies something over the database has done with it: until it has not changed for a while.
    private func waitForWriter() async {
        // A big file takes long, but one that never rests is no copy.
        let deadline = ContinuousClock.now + .seconds(60)
        var before = try? File.status(database)
        while .now < deadline, !drainer.isDraining {
            await drainer.sleep(.milliseconds(500))
            let status = try? File.status(database)
            if status?.modified == before?.modified { return }
            before = status
        }
    }
}

/// Runs `work` on a thread of its own: SQLite blocks, and the threads of async code are few.
private func captureThread(_ work: @escaping @Sendable () throws(PrimaryError) -> Void) async -> Result<Void, PrimaryError> {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "fantail.capture", qos: .userInitiated).async {
            continuation.resume(returning: Result { () throws(PrimaryError) in try work() })
        }
    }
}
