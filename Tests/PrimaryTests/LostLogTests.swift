import Files
import Foundation
import LTX
import Logging
import ObjectStore
import Primary
import Replica
import SQLite
import TestSupport
import Testing

/// Files are taken out of a log while its primary runs.
@Suite struct LostLogTests {
    @Test func `a log that is wiped under a running primary is shipped anew, and the TXIDs go on`() async throws {
        let directory = try TemporaryDirectory()
        let app = try Connection(path: directory.file("app.db"), .create)
        try app.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)")
        let replica = Replica(store: DirectoryStore(root: directory.file("log")))
        let primary = Primary(
            database: directory.file("app.db"), replica: replica, url: "file://\(directory.file("log"))",
            options: .init(syncInterval: .milliseconds(20), logCheckInterval: .milliseconds(100)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await primary.run() }
        try await Self.until { try await replica.head() != nil }
        try app.execute("INSERT INTO t VALUES (2)")
        try await Self.until { try await replica.head() == TXID(rawValue: 2) }

        try FileManager.default.removeItem(atPath: directory.file("log/ltx"))
        try app.execute("INSERT INTO t VALUES (3)")
        // First there is nothing, then a file that nothing leads to, then a snapshot behind it.
        try await Self.until { (try? await replica.openState())?.header.name.maxTXID ?? .first > TXID(rawValue: 2)! }
        primary.drain()
        try await running.value

        let pages = try await StatePages.load(replica)
        let difference = try WAL(path: directory.file("app.db")).withSnapshot { header, pageCount, read in
            try pages.firstDifference(pageSize: pages.state.pageSize, commit: pageCount) { try read($0.rawValue, &$1) }
        }
        #expect(difference == nil)
        extendLifetime(directory)
    }

    /// Waits for something to become true, for at most half a minute.
    private static func until(_ isTrue: () async throws -> Bool) async throws {
        for _ in 0..<3000 {
            if (try? await isTrue()) ?? false { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it did not come true in time")
    }
}
