import Foundation
import Testing

/// A database, its log and a copy of it, where a test decides when what is shipped.
struct Scene {
    let scratch: Scratch
    let app: String
    let copy: String
    let log: LogFiles

    /// Begins with a table of `rows` rows, about a page each, in the log as TXID 1.
    init(rows: Int = 20, copy: String? = nil) throws {
        scratch = try Scratch()
        app = scratch("app.db")
        self.copy = copy ?? scratch("copy.db")
        log = LogFiles(path: scratch("log"))
        try sqlite(app, """
            PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, body BLOB);
            WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM c WHERE i < \(rows))
            INSERT INTO t(n, body) SELECT 0, randomblob(3000) FROM c
            """)
        try ship()
    }

    /// Ships what is committed.
    func ship() throws { try fantail("replicate", app, log.path, "--once") }

    /// Commits a change to a few rows and ships it as one TXID, which it answers.
    @discardableResult
    func change(_ rows: Int = 5) throws -> UInt64 {
        try sqlite(app, "UPDATE t SET n = n + 1, body = randomblob(3000) WHERE id % 20 < \(rows)")
        try ship()
        return log.head
    }

    /// Starts a follower and waits for it to be at the head.
    func follow() async throws -> Running {
        let follower = try Running(Programs.fantail, ["follow", log.path, copy, "--poll-interval", "20ms"])
        try await expectLive(follower)
        return follower
    }

    func followOnce() throws -> String { try fantail("follow", log.path, copy, "--once") }

    /// Waits for a state of the copy, in which the follower runs on.
    func expect(
        _ follower: Running, _ state: String, at location: SourceLocation = #_sourceLocation,
        _ isRight: (CopyStatus) -> Bool = { _ in true }
    ) async throws {
        var last: CopyStatus?
        let came = try await eventually(within: 40) {
            guard follower.process.isRunning else { return true }
            // Nothing is beside the copy in the first moments.
            guard let now = try? CopyStatus(copy) else { return false }
            last = now
            return now.state == state && isRight(now)
        }
        #expect(
            came && follower.process.isRunning, "not \(state) but \(String(describing: last)): \(follower.output)",
            sourceLocation: location)
    }

    func expectLive(_ follower: Running, at location: SourceLocation = #_sourceLocation) async throws {
        let head = log.head
        try await expect(follower, "live", at: location) { $0.running && $0.txid == head }
    }

    /// Stops a follower and expects the copy to be the database.
    func finish(_ follower: Running, at location: SourceLocation = #_sourceLocation) throws {
        follower.signal(SIGTERM)
        let (status, said) = follower.finish()
        #expect(status == 0, "\(said)", sourceLocation: location)
        try expectSame(app, copy, said, at: location)
    }

    /// Does something while the follower cannot see it happen.
    func unseen(by follower: Running, _ work: () throws -> Void) rethrows {
        follower.signal(SIGSTOP)
        defer { follower.signal(SIGCONT) }
        try work()
    }

    /// Expects a stock reader to find the copy sound.
    func expectSound(at location: SourceLocation = #_sourceLocation) throws {
        #expect(try sqlite(copy, "PRAGMA integrity_check") == "ok", sourceLocation: location)
    }
}

func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

func write(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }
