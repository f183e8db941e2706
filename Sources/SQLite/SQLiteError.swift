import CSQLite

/// What SQLite, or the look behind it, can refuse.
package enum SQLiteError: Error, Sendable {
    /// SQLite returned an error: its extended result code, its own words, and what was being done.
    case sqlite(code: Int32, message: String, doing: String)
    /// The file is not a database in WAL mode: what its header says instead.
    case notWAL(path: String, found: String)
    /// The WAL-index has no valid header, or not for long enough to read it.
    case unreadableIndex(path: String)
    /// A WAL frame is not what the WAL-index says it is: salts, page number or checksum differ.
    case badFrame(path: String, frame: UInt32, reason: String)

    /// Whether somebody else held a lock; the same call may succeed a moment later.
    package var isBusy: Bool {
        if case .sqlite(let code, _, _) = self { return code & 0xff == SQLITE_BUSY }
        return false
    }

    /// Whether the disk was full.
    package var isFull: Bool {
        if case .sqlite(let code, _, _) = self { return code & 0xff == SQLITE_FULL }
        return false
    }

    /// Whether a file ends before what SQLite said is in it: somebody cut it off.
    package var isTooShort: Bool {
        if case .sqlite(let code, _, _) = self { return code == SQLITE_IOERR | 2 << 8 }
        return false
    }

    /// Whether the device failed, or its driver refused: the same call may succeed later.
    package var isDeviceFailure: Bool {
        if case .sqlite(let code, _, _) = self { return code & 0xff == SQLITE_IOERR }
        return false
    }

    /// Whether the file is damaged or is no database at all.
    package var isCorrupt: Bool {
        switch self {
        case .sqlite(let code, _, _): code & 0xff == SQLITE_CORRUPT || code & 0xff == SQLITE_NOTADB
        case .badFrame: true
        case .notWAL, .unreadableIndex: false
        }
    }
}

extension SQLiteError: CustomStringConvertible {
    /// One sentence that says what happened and what to do.
    package var description: String {
        switch self {
        case .sqlite(let code, let message, let doing):
            "\(doing): \(message) (SQLite code \(code))\(hint(code))"
        case .notWAL(let path, let found):
            "\(path) is \(found); run `sqlite3 \(path) 'PRAGMA journal_mode=WAL'` once, SQLite remembers it"
        case .unreadableIndex(let path):
            "\(path)-shm has no valid header; if no process has the database open, delete \(path)-shm and try again"
        case .badFrame(let path, let frame, let reason):
            "\(path)-wal, frame \(frame): \(reason); the WAL was changed behind SQLite's back"
        }
    }

    private func hint(_ code: Int32) -> String {
        switch code & 0xff {
        case SQLITE_BUSY: "; another process holds a lock on it, perhaps with PRAGMA locking_mode=EXCLUSIVE"
        case SQLITE_FULL: "; make room on the disk"
        case SQLITE_CANTOPEN, SQLITE_READONLY: "; check that the file and its directory exist and are writable"
        case SQLITE_NOTADB: "; this is not a SQLite database, or it is encrypted"
        default: ""
        }
    }
}
