import Files
import FoundationEssentials
import LTX
import Replica
import SQLite

/// What came of a demo; its properties are the keys of the JSON.
struct DemoSummary: Encodable, Sendable {
    /// The shop's database, or a copy of it, as it was found at the end.
    struct Database: Encodable, Sendable {
        let name: String
        let path: String
        let orders: Int64
        /// Where it first differs from the log's state at the head; nil if it is that, page by page.
        let difference: String?
    }

    let seconds: Double
    let commits: Int
    /// The last TXID, 16 hex digits.
    let head: String
    /// How many TXIDs this run added.
    let txids: UInt64
    let logFiles: Int
    let logBytes: Int64
    /// Of each database.
    let pages: UInt32
    let databases: [Database]
    /// Whether all databases are the state at the head.
    let equal: Bool
    let directory: String

    /// What differs, for an error.
    var differences: [String] { databases.compactMap { one in one.difference.map { "\(one.name): \($0)" } } }

    /// Compares every page of every database with the log's at its head, and counts what there is.
    static func compare(
        _ directory: DemoDirectory, _ fleet: DemoFleet, head: TXID, from first: TXID?, elapsed: Duration
    ) async throws -> DemoSummary {
        let pages = try await StatePages.load(fleet.log, target: head)
        let log = LogMeter.Size(try await fleet.log.catalogue())
        let files = [("shop.db", directory.database)] + fleet.members.map { ("\($0.name).db", $0.path) }
        let databases: [Database] = try await Blocking.run {
            try files.map { name, path in
                let count = try Connection(path: path, .readOnly).rows("SELECT count(*) FROM orders").first?.first?.integer
                return Database(
                    name: name, path: path, orders: count ?? 0,
                    difference: try pages.firstDifference(database: path)?.description)
            }
        }
        return DemoSummary(
            seconds: (elapsed / .milliseconds(100)).rounded() / 10, commits: fleet.shop.commitCount,
            head: "\(head)", txids: head.rawValue - (first?.rawValue ?? 0), logFiles: log.fileCount,
            logBytes: log.byteCount, pages: pages.state.commit, databases: databases,
            equal: databases.allSatisfy { $0.difference == nil }, directory: directory.path)
    }

    /// For people.
    var text: String {
        var lines = [
            "\(Readable.count(commits)) commits in \(seconds) s, shipped as \(Readable.count(txids)) TXIDs",
            "log        \(Readable.count(logFiles)) files, \(logBytes.asByteCount), head \(head)",
        ]
        for one in databases {
            let finding = one.difference.map { "differs: \($0)" } ?? "is the log's state, all \(Readable.count(pages)) pages"
            let name = one.name.padded(to: 9)
            lines.append("\(name)  \(Readable.count(one.orders)) orders, \(finding)")
        }
        if equal { lines.append("all copies are equal to shop.db") }
        return lines.joined(separator: "\n")
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
