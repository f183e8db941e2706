import CSQLite

/// The version of the SQLite library in use.
package struct SQLiteVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// As SQLite counts: 3.40.1 is 3_040_001.
    package let number: Int32

    /// The version with this number.
    package init(number: Int32) { self.number = number }

    /// The library that is loaded.
    package static var running: SQLiteVersion { SQLiteVersion(number: sqlite3_libversion_number()) }
    /// The header that Fantail was compiled with.
    package static var compiled: SQLiteVersion { SQLiteVersion(number: SQLITE_VERSION_NUMBER) }

    /// Whether this version can lose commits when a checkpoint runs while another connection resets the
    /// WAL: 3.7.0 to 3.51.2, but for the repaired 3.44.6 and 3.50.7. Fantail's own checkpoints keep out of
    /// it; two other processes that checkpoint the same database can still meet it.
    ///
    /// Source: https://www.sqlite.org/wal.html#walreset
    package var hasWALResetRace: Bool {
        switch number {
        case ..<3_007_000, 3_051_003...: false
        case 3_044_006..<3_045_000, 3_050_007..<3_051_000: false
        default: true
        }
    }

    package static func < (a: SQLiteVersion, b: SQLiteVersion) -> Bool { a.number < b.number }

    /// As SQLite writes it: `3.40.1`.
    package var description: String { "\(number / 1_000_000).\(number / 1000 % 1000).\(number % 1000)" }
}
