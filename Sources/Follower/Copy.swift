import Files
import LTX
import Replica
import SQLite

/// A copy that is open for applying: its writer, its record and its pages' checksums. Lives on one thread.
///
/// The order of a transaction, so that a kill between any two steps is made good by the next start: the frames,
/// the record that names the state before and the one after, the commit that readers see, the checksums.
final class Copy {
    private let path: String
    private let writer: CopyWriter
    private let files: CopyFiles
    private let pages: CopyPages
    private let recordPath: String
    private var record: CopyRecord
    private let pageSize: PageSize
    /// Frames in the WAL from which on it is worth waiting for readers to let it be restarted.
    private var patienceFrameCount = Copy.checkpointFrameCount * 4
    /// The file that this one took the place of, kept from whoever has it open but never read it.
    var replaced: WAL?
    /// The state that readers see.
    private(set) var current: CopyRecord.Entry

    /// Opens the copy at `path` and finds out which state it is in.
    ///
    /// Errors: `.copyChanged` if neither the WAL nor the content is one that the record knows; `.copyUnusable`.
    convenience init(path: String, _ directory: CopyDirectory, _ record: CopyRecord) throws {
        try self.init(opening: path, directory, record)
        guard let entry = try provenEntry() else { throw FollowerError.copyChanged(path: path) }
        current = entry.at(writer.header)
        current.checksum = pages.total.rawValue
        if entry != self.record.before {
            self.record.before = current
            self.record.after = nil
            try self.record.save(recordPath)
        }
    }

    /// Opens the copy at `path`, whatever it holds, for `stageDifference` and `apply` to make it a state of the
    /// log `url` again. Reads all of it.
    ///
    /// Errors: `.copyUnusable` if that cannot be done in place.
    convenience init(rebuilding path: String, _ directory: CopyDirectory, url: String, pageSize: PageSize) throws {
        try self.init(opening: path, directory, CopyRecord(url: url, pageSize: pageSize.byteCount, before: .unknown))
        // SQLite refuses to checkpoint into a file that was cut off.
        guard try writer.pageSize() == pageSize.byteCount, try writer.isWhole(pageSize) else {
            throw FollowerError.copyUnusable(path: path)
        }
        try renewAll()
    }

    private init(opening path: String, _ directory: CopyDirectory, _ record: CopyRecord) throws {
        guard let pageSize = PageSize(record.pageSize) else { throw FollowerError.copyChanged(path: path) }
        self.path = path
        self.record = record
        self.pageSize = pageSize
        recordPath = directory.recordPath
        writer = try Self.writer(path)
        files = try CopyFiles(path)
        pages = try CopyPages(path: directory.checksumsPath)
        current = .unknown
    }

    private static func writer(_ path: String) throws(FollowerError) -> CopyWriter {
        do { return try CopyWriter(path: path) } catch {
            throw error.isBusy || error.isFull ? .sqlite(error) : .copyUnusable(path: path)
        }
    }

    // MARK: Which state it is in

    /// The entry of the record whose state the copy shows; nil if it is neither.
    ///
    /// The end of the WAL tells which, and the checksums must agree. They lag behind after a kill, by no more
    /// than the WAL's frames; what those do not explain is found by reading the whole copy. A stock reader who
    /// was the last to close it has copied the WAL into the file and deleted it: then too all is read.
    private func provenEntry() throws -> CopyRecord.Entry? {
        guard try writer.isWhole(pageSize) else { return nil }
        if let entry = record.entry(for: writer.header) {
            if entry.checksum == pages.total.rawValue { return entry }
            try pages.renew(try writer.pagesInWAL(), pageCount: entry.pageCount, pageSize: pageSize, read: writer.read)
            if entry.checksum == pages.total.rawValue { return entry }
            try renewAll()
            return entry.checksum == nil || entry.checksum == pages.total.rawValue ? entry : nil
        }
        guard writer.header.lastFrame == 0, try writer.pageSize() == pageSize.byteCount else { return nil }
        let pageCount = try writer.pageCount()
        func shows(_ entry: CopyRecord.Entry) -> Bool {
            entry.pageCount == pageCount && entry.checksum == pages.total.rawValue
        }
        try renewAll()
        return [record.after, record.before].compactMap(\.self).first(where: shows)
    }

    private func renewAll() throws {
        let pageCount = try writer.pageCount()
        guard pageCount > 0 else { return }
        try pages.renew(1...pageCount, pageCount: pageCount, pageSize: pageSize, read: writer.read)
    }

    // MARK: Applying

    /// Stages those pages of a batch that the copy has not, or has otherwise.
    func stageDifference(_ batch: PageBatch, into stage: PageStage) throws {
        let count = try writer.pageCount()
        for (index, page) in batch.pages.enumerated() {
            let number = page.number.rawValue
            if number <= count, try pages[number] == page.checksum { continue }
            let start = index * pageSize.byteCount
            try stage.put(number, Array(batch.bytes[start..<start + pageSize.byteCount]))
        }
    }

    /// Makes the staged pages the next state, in one transaction. `entry` says which state that is;
    /// `smallestPageCount` how small the database was on the way, in pages: whatever lies past it is staged.
    ///
    /// Errors: `.diverged` if the pages do not lead to that state; then the copy is as it was.
    func apply(_ stage: PageStage, _ entry: CopyRecord.Entry, smallestPageCount: UInt32) throws {
        try requireFiles()
        let count = try writer.pageCount()
        let grownFrom = min(smallestPageCount, count)
        if grownFrom < entry.pageCount {
            for page in grownFrom + 1...entry.pageCount where !stage.contains(page) && page != pageSize.lockPage.rawValue {
                throw diverged(entry, "page \(page) is in no file of it")
            }
        }
        var numbers = stage.pageNumbers.filter { $0 <= entry.pageCount }
        if numbers.isEmpty {
            // A transaction has at least one frame; a state that changes no page still has to be one.
            var bytes = [UInt8](repeating: 0, count: pageSize.byteCount)
            try writer.read(1, &bytes)
            try stage.put(1, bytes)
            numbers = [1]
        }
        let change = try pages.change(numbers, in: stage, from: count, to: entry.pageCount)
        if let wanted = entry.checksum, wanted != change.total.rawValue {
            throw diverged(entry, "its pages add up to \(change.total), not to the state that it says")
        }
        if writer.header.lastFrame >= patienceFrameCount { try waitForReaders() }
        let prepared = try writer.prepare(numbers, pageSize: pageSize.byteCount, pageCount: entry.pageCount) {
            try stage.read($0, into: &$1)
        }
        var next = entry.at(prepared.header)
        next.checksum = change.total.rawValue
        record.before = current
        record.after = next
        try record.save(recordPath)
        try writer.commit(prepared)
        current = next
        try pages.take(change)
        if writer.header.lastFrame >= Self.checkpointFrameCount { _ = try shortenWAL() }
    }

    /// Throws `.copyChanged` if somebody deleted or swapped one of the copy's files.
    func requireFiles() throws {
        guard try files.areSame() else { throw FollowerError.copyChanged(path: path) }
    }

    private func diverged(_ entry: CopyRecord.Entry, _ reason: String) -> FollowerError {
        .diverged(txid: TXID(rawValue: entry.txid) ?? .first, reason: reason)
    }

    // MARK: Keeping the WAL short

    /// Frames after which the WAL is copied into the file, as SQLite's own writers do it.
    private static let checkpointFrameCount: UInt32 = 1000

    /// Copies what it can of the WAL into the file; and begins it anew, which it answers, if readers let that be.
    private func shortenWAL() throws -> Bool {
        try writer.checkpoint()
        guard let next = writer.restartHeader() else { return false }
        return try writer.restart(next) {
            // Known before it is seen, like any other change of the WAL.
            record.before = current
            record.after = current.at(next)
            try record.save(recordPath)
            current = current.at(next)
        }
    }

    /// Gives readers time to let the WAL begin anew.
    ///
    /// A reader that comes while all is copied stands in nobody's way, so it takes no more than that those who
    /// read now come to their end while nothing new is applied. That is tried ever more seldom if in vain: a
    /// reader that never ends lets the WAL grow, as in any SQLite.
    private func waitForReaders() throws {
        let deadline = ContinuousClock.now + Self.patience(writer.header.lastFrame)
        repeat {
            if try shortenWAL() {
                patienceFrameCount = Self.checkpointFrameCount * 4
                return
            }
            pause(.milliseconds(2))
        } while .now < deadline
        patienceFrameCount = writer.header.lastFrame / 2 * 3
    }

    /// How long the next transaction may wait for readers: the longer, the more a restart would bring.
    private static func patience(_ frameCount: UInt32) -> Duration {
        min(.milliseconds(50) * Int(frameCount / checkpointFrameCount / 4), .seconds(3))
    }
}
