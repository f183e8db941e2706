import SQLite

/// The demo's application, as stock SQLite runs it: a small shop whose customers order what is in stock.
///
/// Each order is a transaction: a row in `orders`, and the stock of its product.
struct Shop: ~Copyable {
    private let connection: Connection

    /// Opens the shop's database at `path`, or makes it.
    init(path: String) throws(SQLiteError) {
        let connection = try Connection(path: path, .create, busyTimeout: .seconds(5))
        try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        try connection.transaction { connection throws(SQLiteError) in
            try connection.execute(Self.schema)
            guard try connection.rows("SELECT 1 FROM products LIMIT 1").isEmpty else { return }
            for (name, cents) in Self.assortment {
                try connection.rows(
                    "INSERT INTO products(name, cents, stock) VALUES (?, ?, ?)",
                    [.text(name), .integer(cents), .integer(Self.delivery)])
            }
        }
        self.connection = connection
    }

    /// Somebody orders something. What runs out is delivered at once, and old orders go to the archive.
    func order() throws(SQLiteError) {
        let product = Value.integer(Int64.random(in: 1...Int64(Self.assortment.count)))
        let quantity = Value.integer(Int64.random(in: 1...5))
        try connection.transaction { connection throws(SQLiteError) in
            try connection.rows(
                """
                UPDATE products SET stock = stock - ?2 + CASE WHEN stock < ?2 THEN \(Self.delivery) ELSE 0 END
                WHERE id = ?1
                """, [product, quantity])
            try connection.rows(
                """
                INSERT INTO orders(at, product, quantity, cents)
                SELECT strftime('%Y-%m-%d %H:%M:%f', 'now'), id, ?2, cents * ?2 FROM products WHERE id = ?1
                """, [product, quantity])
            let id = try connection.rows("SELECT max(id) FROM orders").first?.first?.integer ?? 0
            guard id % Self.archiveEvery == 0 else { return }
            try connection.rows("DELETE FROM orders WHERE id <= ?", [.integer(id - Self.keptOrderCount)])
        }
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS products(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, cents INTEGER NOT NULL, stock INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS orders(
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, product INTEGER NOT NULL REFERENCES products,
            quantity INTEGER NOT NULL, cents INTEGER NOT NULL);
        """

    private static let assortment: [(name: String, cents: Int64)] = [
        ("anchor", 8900), ("bilge pump", 4500), ("cleat", 750), ("compass", 12900), ("fender", 1900),
        ("flag", 1200), ("lantern", 3400), ("oar", 2600), ("rope, 30 m", 3900), ("sailcloth, 5 m", 7400),
    ]
    /// How many pieces a delivery brings.
    private static let delivery: Int64 = 500
    /// How many orders stay in the database, so that a demo that runs for days does not fill the disk with
    /// them, and counting them takes no more than a millisecond.
    private static let keptOrderCount: Int64 = 50_000
    /// In orders.
    private static let archiveEvery: Int64 = 500
}

extension Connection {
    /// Runs `body` as one transaction, which does not happen at all if it fails.
    fileprivate func transaction(
        _ body: (borrowing Connection) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        try execute("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            try body(self)
            try execute("COMMIT")
        } catch {
            // What matters is the error; a transaction that cannot be rolled back ends with the connection.
            try? execute("ROLLBACK")
            throw error
        }
    }
}
