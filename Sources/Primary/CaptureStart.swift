import Files
import LTX
import Logging
import Replica
import SQLite
import Synchronization

/// The beginning of a session on the capturing thread: attach, decide where the log stands, and bring it there.
struct CaptureStart: Sendable {
    let database: String
    let url: String
    let meta: MetaDirectory
    let head: StartPlan.Head?
    /// Whether the WAL's word that nothing was missed does not count.
    let distrustsWAL: Bool
    let logger: Logger

    /// Answers a capture for which everything up to its `seen` is in the log, on its way there, or dirty, once the
    /// scan that comes with it has ended.
    func attach(
        _ writer: SharedLogWriter, _ mailbox: Mailbox, ship: (Batch) -> Void
    ) throws(PrimaryError) -> (Capture, DatabaseScan?) {
        let capture = try Capture(path: database, stagePath: meta.stagePath(0))
        let inode = try translating { try File.status(database)?.inode }
        mailbox.provide(try translating { try PageStage(path: meta.stagePath(1), pageSize: capture.pageSize) })
        let saved = try savedState(capture)
        let pending = if let saved { try pendingFile(saved.state) } else { LocalFile?.none }
        let seconds = UInt64(max(WallClock.now, 0) / 1_000_000_000)
        let plan = StartPlan.decide(
            state: saved?.state, head: head, hasPending: pending != nil, secondsSince1970: seconds)
        switch plan {
        case .refuse(let txid, let epoch):
            throw .fenced(txid: txid, epoch: epoch)
        case .image(let after, let epoch):
            logger.notice("shipping a full image", metadata: ["epoch": "\(epoch)"])
            // What comes before it in the log cannot be read together with it, or is not there any more.
            let beginsAnew = head.map { $0.pageSize != capture.pageSize || !$0.isRestorable } ?? false
            let fresh = try translating {
                try LogWriter(meta, url: url, after: after, epoch: epoch, pageSize: capture.pageSize, inode: inode)
            }
            writer.set(fresh)
            try capture.beginScan(known: nil)
            return (capture, DatabaseScan(.image(beginsAnew ? .snapshot : .captured)) { _, _ in false })
        case .resume, .resumeWithPending:
            guard var resumed = saved else { preconditionFailure("BUG: resuming without a state") }
            mailbox.goesOn()
            if case .resumeWithPending = plan, let pending {
                mailbox.beginShipping()
                ship(.file(pending))
            }
            let isReplaced = resumed.state.inode != nil && resumed.state.inode != inode
            if isReplaced {
                resumed.beginEpoch(at: seconds, inode: inode)
                logger.notice("the database is another file than before", metadata: ["epoch": "\(resumed.state.epoch)"])
            }
            let place = isReplaced || distrustsWAL ? nil : resumed.state.wal
            let pageCount = resumed.state.pageCount
            writer.set(resumed)
            if let place, try capture.resume(after: place, pageCount: pageCount) {
                logger.info("going on where the last run ended", metadata: ["wal.frame": "\(place.frame)"])
                return (capture, nil)
            }
            try capture.beginScan(known: pageCount)
            let scan = DatabaseScan(.difference) { page, bytes in
                try writer.withLock { try $0.isKnown(page, bytes) }
            }
            return (capture, scan)
        }
    }

    private func savedState(_ capture: Capture) throws(PrimaryError) -> LogWriter? {
        guard let state = PrimaryState.load(meta.statePath), state.url == url,
            state.pageSize == capture.pageSize.byteCount
        else { return nil }
        return try translating { try LogWriter(meta, resuming: state) }
    }

    private func pendingFile(_ state: PrimaryState) throws(PrimaryError) -> LocalFile? {
        guard let txid = TXID(rawValue: state.txid) else { return nil }
        return try translating { try LocalFile.leftBehind(meta.pendingPath(txid)) }
    }
}

/// The log writer, used by the capturing thread before the first batch and by the shipping task after it.
final class SharedLogWriter: Sendable {
    private let writer = Mutex<LogWriter?>(nil)

    func set(_ new: LogWriter) { writer.withLock { $0 = new } }

    func withLock<T: Sendable>(_ body: (inout LogWriter) throws -> T) throws -> T {
        try writer.withLock { writer in
            guard writer != nil else { preconditionFailure("BUG: no log writer yet") }
            return try body(&writer!)
        }
    }
}
