import Files
import LTX
import Replica
import SQLite

/// A copy that is open for applying: its writer and its record. Lives on one thread.
final class Copy {
    private let writer: CopyWriter
    private let recordPath: String
    private var record: CopyRecord
    /// The state that readers see.
    private(set) var current: CopyRecord.Entry

    /// Opens the copy at `path` and finds out which state it is in.
    ///
    /// Errors: `.copyChanged` if neither the WAL nor the content of the file is one that the record knows.
    init(path: String, recordPath: String, _ record: CopyRecord) throws {
        let writer = try CopyWriter(path: path)
        var record = record
        if let entry = record.entry(for: writer.header) {
            current = entry
        } else if let entry = try writer.proven(record) {
            // A stock reader was the last to close the copy: it copied the WAL into the file and deleted it.
            current = entry.at(writer.header)
            record.before = current
            record.after = nil
            try record.save(recordPath)
        } else {
            throw FollowerError.copyChanged(path: path)
        }
        self.writer = writer
        self.record = record
        self.recordPath = recordPath
    }

    /// Makes `pages` the next state, in one transaction. `entry` says which state that is.
    func apply(_ stage: PageStage, _ entry: CopyRecord.Entry) throws {
        let pages = stage.pageNumbers.filter { $0 <= entry.pageCount }
        try keepWALShort()
        let prepared = try writer.prepare(pages, pageSize: record.pageSize, pageCount: entry.pageCount) { page, bytes in
            try stage.read(page, into: &bytes)
        }
        let next = entry.at(prepared.header)
        record.before = current
        record.after = next
        try record.save(recordPath)
        try writer.commit(prepared)
        current = next
    }

    /// Frames after which the WAL is copied into the file, as SQLite's own writers do it.
    private static let checkpointFrameCount: UInt32 = 1000

    private func keepWALShort() throws {
        guard writer.header.lastFrame >= Self.checkpointFrameCount else { return }
        try writer.checkpoint()
        guard let next = writer.restartHeader() else { return }
        // Known before it is seen, like any other change of the WAL.
        record.before = current
        record.after = current.at(next)
        try record.save(recordPath)
        if try writer.restart(next) { current = current.at(next) }
    }
}

extension CopyWriter {
    /// The entry whose checksum the database file has, if the WAL is empty; reads the whole file.
    func proven(_ record: CopyRecord) throws -> CopyRecord.Entry? {
        guard header.lastFrame == 0, let pageSize = PageSize(record.pageSize) else { return nil }
        let pageCount = UInt32(try databaseByteCount() / Int64(pageSize.byteCount))
        var total = Checksum.empty
        var bytes = [UInt8](repeating: 0, count: pageSize.byteCount)
        for page in 1...max(pageCount, 1) where page != pageSize.lockPage.rawValue {
            try readDatabase(into: &bytes, at: Int64(page - 1) * Int64(pageSize.byteCount))
            total = total.toggling(Checksum.page(PageNumber(rawValue: page)!, bytes.span))
        }
        return [record.after, record.before].compactMap(\.self).first {
            $0.pageCount == pageCount && $0.checksum == total.rawValue
        }
    }
}
