import Files
import SQLite

/// The files of the database that is captured, as they were when it was opened: what tells that somebody swapped,
/// deleted or overwrote one of them behind SQLite's back, which no lock forbids and no frame in the WAL shows.
///
/// Only `stat` is used: a descriptor of our own would cost the process its locks when it is closed.
struct DatabaseFiles {
    private let path: String
    private let wal: FileStatus?
    private let index: FileStatus?
    private var lastWrite: Write?

    /// How much of which WAL is in the database, and when it was written to last.
    private struct Write: Equatable {
        let salts: WALSalts
        let copied: UInt32
        let modified: Int64
        let byteCount: Int64

        func isSameCopy(as other: Write) -> Bool { salts == other.salts && copied == other.copied }
    }

    /// Looks at the files that `wal` has just opened.
    init(_ wal: WAL) throws {
        path = wal.path
        self.wal = try File.status("\(path)-wal")
        index = try File.status("\(path)-shm")
        lastWrite = try Self.lastWrite(wal)
    }

    /// Throws if the files at the path are no longer those that are open, or not as SQLite left them.
    mutating func check(_ open: WAL) throws {
        if try open.hasMoved() { throw PrimaryError.databaseReplaced(path: path) }
        guard try Self.isSame(wal, at: "\(path)-wal"), try Self.isSame(index, at: "\(path)-shm") else {
            throw PrimaryError.walLost(path: path)
        }
        // Only checkpoints write to the database of a WAL, and each says in the WAL-index how far it came.
        let write = try Self.lastWrite(open)
        if let write, let lastWrite, write.isSameCopy(as: lastWrite), write != lastWrite {
            throw PrimaryError.databaseOverwritten(path: path)
        }
        lastWrite = write
    }

    /// Takes in that a checkpoint has ended, the sooner the better: what happens before counts as its doing.
    mutating func noteCheckpoint(_ open: WAL) throws { lastWrite = try Self.lastWrite(open) }

    private static func isSame(_ known: FileStatus?, at path: String) throws(FileError) -> Bool {
        guard let known else { return true }
        return try File.status(path).map { $0.isSameFile(as: known) } ?? false
    }

    /// Nil while a checkpoint is under way, or where one was cut off.
    private static func lastWrite(_ wal: WAL) throws -> Write? {
        guard let header = try? wal.header() else { return nil }
        let copied = wal.backfilledFrameCount
        guard wal.attemptedFrameCount == copied, let status = try File.status(wal.path),
            wal.attemptedFrameCount == copied, wal.backfilledFrameCount == copied,
            let after = try? wal.header(), after.salts == header.salts
        else { return nil }
        return Write(salts: header.salts, copied: copied, modified: status.modified, byteCount: status.size)
    }
}
