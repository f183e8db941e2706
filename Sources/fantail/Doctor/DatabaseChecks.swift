import Files
import SQLite

/// What follows from what is known about a database. Pure.
extension DatabaseFacts {
    var checks: [Check] {
        guard directoryExists else {
            return [.failure("database", "\(directory) is no directory", "make it, or check the path")]
        }
        guard kind == nil || kind == .file else {
            return [.failure("database", "\(path) is no file", "name the database itself")]
        }
        return [fileCheck] + contentChecks + [directoryCheck]
            + [fileSystemCheck, sharingCheck, spaceCheck, walCheck].compactMap { $0 }
    }

    private var fileCheck: Check {
        guard kind != nil else {
            return .warning("database", "\(path) does not exist yet", "`fantail replicate` waits until the app makes it")
        }
        guard isFileWritable else {
            return .failure("database", "\(path) cannot be written by this user", "run fantail as the app's user; SQLite's locks need it")
        }
        return .ok("database", "\(path), \(byteCount.asByteCount)")
    }

    private var contentChecks: [Check] {
        switch opened {
        case nil: return []
        case .failure(let error):
            return [openFailure(error)]
        case .success(let content):
            let pages = Check.ok("pages", "\(content.pageCount) of \(content.pageByteCount) bytes")
            return [modeCheck(content)] + (content.pageCount > 0 ? [pages] : [])
        }
    }

    private func openFailure(_ error: SQLiteError) -> Check {
        if hasRollbackJournal {
            return .failure(
                "open", "\(path)-journal is there, of a transaction that was cut off (\(error))",
                "start the app, or open it once with sqlite3: SQLite rolls it back")
        }
        return .failure("open", "\(error)", error.isBusy ? "end what holds it, or let it use locking_mode NORMAL" : nil)
    }

    private func modeCheck(_ content: Content) -> Check {
        guard content.journalMode == "wal" else {
            return .failure(
                "journal mode", content.journalMode,
                "sqlite3 \(path) 'PRAGMA journal_mode=WAL'   (once; SQLite remembers it)")
        }
        return .ok("journal mode", "WAL")
    }

    private var directoryCheck: Check {
        guard isDirectoryWritable else {
            return .failure(
                "directory", "\(directory) cannot be written by this user",
                "run fantail as the app's user: SQLite's -wal and -shm and fantail's own files are made there")
        }
        return .ok("directory", "\(directory), writable")
    }

    private var fileSystemCheck: Check? {
        guard let fileSystem else { return nil }
        switch fileSystem.nature {
        case .local: return .ok("file system", fileSystem.name)
        case .memory:
            return .warning("file system", "\(fileSystem.name), in memory", "what is there is gone after a restart of the machine")
        case .remote:
            return .warning(
                "file system", "\(fileSystem.name), not a local disk",
                "all processes that open the database must be on one machine, and its locks must work: better a local disk "
                    + "(sqlite.org/wal.html)")
        }
    }

    private var sharingCheck: Check? {
        switch sharing {
        case nil: nil
        case .success: .ok("WAL mode", "locks and shared memory work in \(directory)")
        case .failure(let error): .failure("WAL mode", "\(error)", "move the database to a local disk")
        }
    }

    private var spaceCheck: Check? {
        guard let free = fileSystem?.freeByteCount else { return nil }
        let detail = "\(free.asByteCount) free"
        if free < Self.leastFree {
            return .failure("disk space", detail, "make room: a full disk stops the app and fantail alike")
        }
        // What is shipped is made here first, and a full image is at worst as long as the database.
        guard free >= byteCount + (walByteCount ?? 0) else {
            return .warning("disk space", detail, "less than the database takes: fantail needs room for one full image beside it")
        }
        return .ok("disk space", detail)
    }

    /// 32 MB: what a busy WAL takes between two checkpoints, and some room for what is about to ship.
    private static let leastFree: Int64 = 32_000_000

    private var walCheck: Check? {
        guard case .success(let content) = opened, content.journalMode == "wal" else { return nil }
        let byteCount = walByteCount ?? 0
        guard byteCount < Self.mostWAL else {
            return .warning(
                "WAL", byteCount.asByteCount,
                "a reader keeps a transaction open, or nobody checkpoints: end old readers, then "
                    + "sqlite3 \(path) 'PRAGMA wal_checkpoint(TRUNCATE)'")
        }
        return .ok("WAL", byteCount.asByteCount)
    }

    /// 128 MB: a writer flat out, with checkpoints that get through, stays in the tens of MB.
    private static let mostWAL: Int64 = 128_000_000
}
