import Files
import LTX
import Replica
import SQLite
import Synchronization

/// The database under construction, beside its later name.
///
/// Its own name is fixed, so that what a killed restore leaves behind is found and used again by the next one;
/// a lock keeps two apart. It goes away with the value unless it was published.
///
/// Once it is published, its descriptor is closed before anybody is told: closing one later, when SQLite has the
/// database open in this process, would take SQLite's locks on it away. Then the next reader to close it takes
/// itself for the last, and deletes the WAL that is being written to.
/// Source: https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
final class RestoreFile: Sendable {
    private let path: String
    /// Nil once published. The calls on it come one after the other; the lock is only there to take it away.
    private let file: Mutex<File?>
    private let output: String

    /// Makes an empty one for `output`, or empties the one that is left there.
    ///
    /// Directories on the way to it are made.
    ///
    /// Errors: `.busy`, `.file`.
    init(output: String) throws(RestoreError) {
        let path = output + ".fantail-restore"
        self.output = output
        do {
            try Directory.create(Directory.parent(of: output))
            let opened = try File(path, .readWriteOrCreate)
            // Locked but not the file of that name any more: whoever had the lock has just published it.
            guard try opened.tryLock(), try File.status(path)?.isSameFile(as: opened.status()) == true
            else { throw RestoreError.busy(path: path) }
            try opened.truncate(to: 0)
            // Only now: with its property set, a failing `init` would run `deinit` and remove another's file.
            self.path = path
            file = Mutex(consume opened)
        } catch {
            throw RestoreError(error)
        }
    }

    deinit {
        // What cannot be removed is used again by the next restore.
        if file.withLock({ $0 != nil }) { _ = try? File.remove(path) }
    }

    /// Makes the file as long as the database; what is not written stays zero, which the lock page is.
    func resize(to byteCount: Int64) async throws(FileError) {
        try await Blocking.run { [self] () throws(FileError) in
            try file.withLock { file throws(FileError) in
                try file?.truncate(to: 0)
                try file?.truncate(to: byteCount)
            }
        }
    }

    /// Puts pages where they belong. Answers instead of throwing, as it runs beside what reads the next ones.
    func write(_ batch: PageBatch) async -> Result<Void, FileError> {
        await Blocking.run { [self] in
            Result { () throws(FileError) in
                try file.withLock { file throws(FileError) in
                    for stretch in batch.stretches {
                        try file?.write(
                            batch.bytes.span.extracting(stretch.bytes), at: stretch.first.offset(batch.pageSize))
                    }
                }
            }
        }
    }

    /// Lets SQLite look at the database while it has no name yet, so that nobody ever finds a damaged one.
    ///
    /// Errors: `.unsound`, `.file`.
    func check(_ check: Restore.IntegrityCheck) async throws(RestoreError) {
        let pragma: String
        switch check {
        case .none: return
        case .quick: pragma = "quick_check"
        case .full: pragma = "integrity_check"
        }
        let reason = try await Blocking.run { [self] () throws(RestoreError) in
            do {
                defer { for suffix in RestoreFile.suffixes { _ = try? File.remove(path + suffix) } }
                for suffix in RestoreFile.suffixes { _ = try File.remove(path + suffix) }
                return try RestoreFile.flaw(path, pragma)
            } catch {
                throw RestoreError(error)
            }
        }
        if let reason { throw .unsound(path: output, check: pragma, reason: reason) }
    }

    /// What SQLite says first of a damaged database; nil if it finds it sound.
    private static func flaw(_ path: String, _ pragma: String) throws -> String? {
        do throws(SQLiteError) {
            let rows = try Connection(path: path, .readWrite).rows("PRAGMA \(pragma)(1)")
            return rows == [[.text("ok")]] ? nil : rows.first?.first?.text ?? "no answer"
        } catch {
            return "\(error)"
        }
    }

    /// Makes the content durable and gives it the output's name, in place of what is there only if `replacing`.
    ///
    /// Errors: `.exists`, `.leftover`, `.file`.
    func publish(as output: String, replacing: Bool) async throws(RestoreError) {
        try await Blocking.run { [self] () throws(RestoreError) in
            do {
                try file.withLock { file throws(FileError) in try file?.sync(metadata: true) }
                let directory = Directory.parent(of: output)
                if replacing {
                    // First, because SQLite would mix a WAL or journal of the old database into the new one.
                    for suffix in RestoreFile.suffixes { _ = try File.remove(output + suffix) }
                    try Directory.sync(directory)
                    try File.rename(path, to: output)
                } else {
                    try RestoreFile.requireAbsent(output)
                    try File.link(path, to: output)
                    _ = try File.remove(path)
                }
                file.withLock { $0 = nil }
                try Directory.sync(directory)
            } catch let error as FileError where error.isExisting {
                throw RestoreError.exists(path: output)
            } catch {
                throw RestoreError(error)
            }
        }
    }

    /// Throws unless neither the output nor what belongs to a database of its name is there.
    static func requireAbsent(_ output: String) throws(RestoreError) {
        do {
            if try File.exists(output) { throw RestoreError.exists(path: output) }
            for suffix in suffixes where try File.exists(output + suffix) {
                throw RestoreError.leftover(path: output + suffix)
            }
        } catch {
            throw RestoreError(error)
        }
    }

    /// What SQLite keeps beside a database.
    ///
    /// Source: https://www.sqlite.org/tempfiles.html
    private static let suffixes = ["-wal", "-shm", "-journal"]
}
