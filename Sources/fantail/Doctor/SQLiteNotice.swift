import Logging
import SQLite

extension Logger {
    /// Says once at the start if the SQLite in use can lose commits of two other processes.
    func noticeSQLiteRace(_ version: SQLiteVersion = .running) {
        guard version.hasWALResetRace else { return }
        warning(
            "this SQLite can lose commits when processes checkpoint and write at once; fantail keeps out of it",
            metadata: ["sqlite.version": "\(version)", "see": "https://www.sqlite.org/wal.html#walreset"])
    }
}
