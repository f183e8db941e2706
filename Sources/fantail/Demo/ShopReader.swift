import Files
import SQLite

/// A reader of the shop's database or of a copy, as any app would be: one SQLite connection, short reads.
/// Lives on one thread.
final class ShopReader {
    /// What one read found.
    struct Look {
        let orderCount: Int64
        /// The newest order; 0 if there is none.
        let lastOrder: Int64
    }

    /// Keeps a connection, which cannot be copied, in an optional.
    private final class Open {
        let connection: Connection

        init(path: String) throws(SQLiteError) {
            connection = try Connection(path: path, .readOnly)
            // Whoever goes on from here after the end must find the WAL where it was.
            try connection.keepWALOnClose()
        }
    }

    private let path: String
    private var open: Open?

    /// A reader of the database at `path`, which need not be there yet.
    init(path: String) { self.path = path }

    /// What is there now; nil if there is no file yet.
    func look() throws -> Look? {
        guard let connection = try opened() else { return nil }
        // One statement, so one snapshot; and two subqueries, each of which SQLite answers without a scan of rows.
        let row = try connection.connection.rows(
            "SELECT (SELECT count(*) FROM orders), (SELECT max(id) FROM orders)").first
        return Look(orderCount: row?[0].integer ?? 0, lastOrder: row?[1].integer ?? 0)
    }

    /// How long ago the order after `order` was made, which is a commit of its own; nil if there is none.
    func age(ofOrderAfter order: Int64) throws -> Duration? {
        let days = try opened()?.connection.rows(
            "SELECT julianday('now') - julianday(at) FROM orders WHERE id > ? ORDER BY id LIMIT 1", [.integer(order)])
        guard case .real(let days)? = days?.first?.first else { return nil }
        // Both are rounded to milliseconds, so the youngest can come out below nothing.
        return max(.seconds(days * 86400), .zero)
    }

    private func opened() throws -> Open? {
        // A follower that cannot make a copy right in place puts a new file there.
        if let open, try open.connection.hasMoved() { self.open = nil }
        if open == nil, try File.exists(path) { open = try Open(path: path) }
        return open
    }
}
