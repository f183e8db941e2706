import Files
import SQLite

/// What there is to know about a database without changing a byte of it.
struct DatabaseFacts {
    let path: String
    var kind: FileStatus.Kind?
    var directory: String
    var directoryExists: Bool
    var isDirectoryWritable: Bool
    var isFileWritable: Bool
    /// Of the directory; nil if that does not exist.
    var fileSystem: FileSystem?
    /// In bytes; 0 if there is none.
    var byteCount: Int64
    /// In bytes; nil if there is none.
    var walByteCount: Int64?
    var hasRollbackJournal: Bool
    /// What SQLite said when it opened the database; nil if there is none to open.
    var opened: Result<Content, SQLiteError>?
    /// Whether two connections to a scratch database in WAL mode, in the same directory, saw each other's
    /// commits; nil if none could be made there.
    var sharing: Result<Void, SharingError>?

    /// What is in the database.
    struct Content {
        var journalMode: String
        var pageByteCount: Int64
        var pageCount: Int64
    }

    /// Why WAL mode does not work in a directory.
    struct SharingError: Error, CustomStringConvertible {
        let description: String
    }

    static func gather(_ path: String) -> DatabaseFacts {
        let directory = Directory.parent(of: path)
        let directoryExists = ((try? File.status(directory)) ?? nil)?.kind == .directory
        let status = (try? File.status(path)) ?? nil
        let isDirectoryWritable = directoryExists && File.isWritable(directory)
        var facts = DatabaseFacts(
            path: path, kind: status?.kind, directory: directory, directoryExists: directoryExists,
            isDirectoryWritable: isDirectoryWritable, isFileWritable: status != nil && File.isWritable(path),
            fileSystem: directoryExists ? try? FileSystem(of: directory) : nil, byteCount: status?.size ?? 0,
            walByteCount: byteCount("\(path)-wal"), hasRollbackJournal: byteCount("\(path)-journal") ?? 0 > 0)
        if isDirectoryWritable { facts.sharing = Result { () throws(SharingError) in try share(in: directory) } }
        if facts.kind == .file { facts.opened = Result { () throws(SQLiteError) in try look(path, facts) } }
        return facts
    }

    private static func byteCount(_ path: String) -> Int64? { ((try? File.status(path)) ?? nil)?.size }

    /// Opens the database as any reader would, by SQLite alone: a descriptor of ours would drop its locks.
    private static func look(_ path: String, _ facts: DatabaseFacts) throws(SQLiteError) -> Content {
        // With a journal there, a connection that may write would roll a cut-off transaction back.
        let canWrite = facts.isFileWritable && facts.isDirectoryWritable && !facts.hasRollbackJournal
        let connection = try Connection(path: path, canWrite ? .readWrite : .readOnly, busyTimeout: .seconds(2))
        // A WAL that is there stays, with what waits in it, even if nobody else has the database open.
        if facts.walByteCount != nil { try connection.keepWALOnClose() }
        try connection.rows("SELECT count(*) FROM sqlite_schema")
        return Content(
            journalMode: try connection.rows("PRAGMA journal_mode").first?.first?.text ?? "unknown",
            pageByteCount: try connection.rows("PRAGMA page_size").first?.first?.integer ?? 0,
            pageCount: try connection.rows("PRAGMA page_count").first?.first?.integer ?? 0)
    }

    /// Tries on a database of its own what a primary or follower needs: WAL mode, and with it locks and shared memory.
    private static func share(in directory: String) throws(SharingError) {
        let path = "\(directory)/.fantail-doctor-\(String(UInt64.random(in: .min ... .max), radix: 36)).db"
        defer { for suffix in ["", "-wal", "-shm", "-journal"] { _ = try? File.remove(path + suffix) } }
        do {
            let writer = try Connection(path: path, .create)
            let mode = try writer.rows("PRAGMA journal_mode=WAL").first?.first?.text
            guard mode == "wal" else { throw SharingError(description: "SQLite cannot use WAL mode there") }
            try writer.execute("CREATE TABLE probe(x); INSERT INTO probe VALUES (1)")
            let reader = try Connection(path: path, .readWrite)
            try writer.execute("BEGIN IMMEDIATE; INSERT INTO probe VALUES (2)")
            guard (try? reader.execute("BEGIN IMMEDIATE")) == nil else {
                throw SharingError(description: "two writers got SQLite's write lock at once: locks do not work there")
            }
            guard try reader.rows("SELECT sum(x) FROM probe") == [[.integer(1)]] else {
                throw SharingError(description: "a reader saw what was not committed")
            }
            try writer.execute("COMMIT")
            guard try reader.rows("SELECT sum(x) FROM probe") == [[.integer(3)]] else {
                throw SharingError(description: "a commit stayed unseen: shared memory does not work there")
            }
        } catch let error as SharingError {
            throw error
        } catch {
            throw SharingError(description: "\(error)")
        }
    }
}
