import FoundationEssentials
@testable import Follower
import SQLite
import Testing

/// Transactions taken from a source database and applied to a copy, under a stock reader.
@Suite struct CopyWriterTests {
    private func scratch() throws -> (source: String, copy: String) {
        let directory = FileManager.default.temporaryDirectory.appending(path: "fantail-copy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return (directory.appending(path: "source.db").path, directory.appending(path: "copy.db").path)
    }

    /// The source's file after all of its WAL was copied into it.
    private func image(_ connection: borrowing Connection) throws -> [UInt8] {
        _ = try connection.checkpoint(.truncate)
        return Array(try Data(contentsOf: URL(filePath: connection.path)))
    }

    /// Applies every page of `image` that differs from `old`.
    private func apply(_ image: [UInt8], over old: [UInt8], pageSize: Int, _ writer: CopyWriter) throws {
        let count = image.count / pageSize
        let changed = (0..<count).filter { page in
            let bytes = page * pageSize..<(page + 1) * pageSize
            return bytes.upperBound > old.count || image[bytes] != old[bytes]
        }.map { UInt32($0 + 1) }
        let prepared = try writer.prepare(changed, pageSize: pageSize, pageCount: UInt32(count)) { page, bytes in
            bytes = Array(image[Int(page - 1) * pageSize..<Int(page) * pageSize])
        }
        try writer.commit(prepared)
    }

    @Test(arguments: [512, 1024, 4096, 65536])
    func `a hundred transactions leave an open reader its snapshot and the copy identical`(pageSize: Int) throws {
        let (source, copy) = try scratch()
        let app = try Connection(path: source, .create)
        try app.execute("PRAGMA page_size=\(pageSize); PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES(0)")
        var state = try image(app)
        try Data(state).write(to: URL(filePath: copy))
        let writer = try CopyWriter(path: copy)
        let reader = try Connection(path: copy, .readOnly)
        try reader.execute("BEGIN")
        #expect(try reader.rows("SELECT count(*) FROM t") == [[.integer(1)]])
        for round in 1...100 {
            try app.execute("INSERT INTO t VALUES(randomblob(\(round * 40)))")
            if round == 60 { try app.execute("DELETE FROM t WHERE rowid > 5; VACUUM") }
            let next = try image(app)
            try apply(next, over: state, pageSize: pageSize, writer)
            state = next
        }
        #expect(try reader.rows("SELECT count(*) FROM t") == [[.integer(1)]])
        try reader.execute("COMMIT")
        #expect(try reader.rows("SELECT count(*) FROM t") == app.rows("SELECT count(*) FROM t"))
        #expect(try reader.rows("PRAGMA integrity_check") == [[.text("ok")]])
        try writer.checkpoint()
        #expect(Array(try Data(contentsOf: URL(filePath: copy)).prefix(state.count)) == state)
    }

    @Test func `frames that were not committed are not seen by the next one to open the copy`() throws {
        let (source, copy) = try scratch()
        let app = try Connection(path: source, .create)
        try app.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x)")
        let state = try image(app)
        try Data(state).write(to: URL(filePath: copy))
        do {
            let writer = try CopyWriter(path: copy)
            _ = try writer.prepare([1, 2], pageSize: 4096, pageCount: 2) { page, bytes in
                bytes = [UInt8](repeating: 0xff, count: 4096)
            }
        }
        let reader = try Connection(path: copy, .readWrite)
        #expect(try reader.rows("PRAGMA integrity_check") == [[.text("ok")]])
        #expect(try CopyWriter(path: copy).header.lastFrame == 0)
    }

    @Test func `a stray writer is kept out while the copy is followed`() throws {
        let (source, copy) = try scratch()
        let app = try Connection(path: source, .create)
        try app.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x)")
        try Data(try image(app)).write(to: URL(filePath: copy))
        let writer = try CopyWriter(path: copy)
        let stray = try Connection(path: copy, .readWrite)
        #expect(throws: SQLiteError.self) { try stray.execute("INSERT INTO t VALUES(1)") }
        extendLifetime(writer)
    }

    @Test func `the WAL restarts once all of it is copied and no reader stands on it`() throws {
        let (source, copy) = try scratch()
        let app = try Connection(path: source, .create)
        try app.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x)")
        var state = try image(app)
        try Data(state).write(to: URL(filePath: copy))
        let writer = try CopyWriter(path: copy)
        try app.execute("INSERT INTO t VALUES(1)")
        var next = try image(app)
        try apply(next, over: state, pageSize: 4096, writer)
        #expect(writer.restartHeader() == nil)
        try writer.checkpoint()
        let restarted = try #require(writer.restartHeader())
        #expect(try writer.restart(restarted))
        state = next
        try app.execute("INSERT INTO t VALUES(2)")
        next = try image(app)
        try apply(next, over: state, pageSize: 4096, writer)
        let reader = try Connection(path: copy, .readOnly)
        #expect(try reader.rows("SELECT sum(x) FROM t") == [[.integer(3)]])
    }
}
