import FoundationEssentials
import SQLite
import Testing

@Suite struct WALTests {
    /// A database in WAL mode in a directory of its own, with a stock connection beside the one under test.
    private func scratch() throws -> String {
        let directory = FileManager.default.temporaryDirectory.appending(path: "fantail-wal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory.appending(path: "app.db").path
    }

    @Test func `every committed frame can be read back and checked by itself`() throws {
        let path = try scratch()
        let app = try Connection(path: path, .create)
        try app.execute("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x)")
        let wal = try WAL(path: path)
        for _ in 0..<6000 { try app.execute("INSERT INTO t VALUES(randomblob(700))") }
        let header = try wal.header()
        #expect(header.lastFrame > 4062 + 4096)  // beyond two regions of the WAL-index
        var newest: [UInt32: UInt32] = [:]
        var count: UInt32 = 0
        try wal.forEachPage(in: 1...header.lastFrame) { frame, page in
            newest[page] = frame
            count += 1
        }
        #expect(count == header.lastFrame)
        var page = [UInt8](repeating: 0, count: header.pageSize)
        for (number, frame) in newest { try wal.readFrame(frame, of: number, header, into: &page) }
        #expect(newest.count == Int(header.pageCount))
        #expect(try wal.frameHeader(header.lastFrame, header).commitPageCount == header.pageCount)
    }

    @Test func `an unused mark keeps the WAL from restarting but not from being copied`() throws {
        let path = try scratch()
        let app = try Connection(path: path, .create)
        try app.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES(1)")
        let wal = try WAL(path: path)
        #expect(try wal.tryLock(.read(4), .shared))
        let result = try app.checkpoint(.passive)
        #expect(result.copiedFrameCount == result.frameCount)
        let before = try wal.header()
        try app.execute("INSERT INTO t VALUES(2)")
        #expect(try wal.header().salts == before.salts)
        _ = try app.checkpoint(.passive)
        wal.unlock(.read(4), .shared)
        try app.execute("INSERT INTO t VALUES(3)")
        #expect(try wal.header().salts != before.salts)
    }

    @Test func `zero keeps frames out of the database`() throws {
        let path = try scratch()
        let app = try Connection(path: path, .create)
        try app.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES(1)")
        let wal = try WAL(path: path)
        #expect(try wal.tryLock(.read(0), .shared))
        _ = try app.checkpoint(.passive)
        #expect(wal.backfilledFrameCount == 0)
        wal.unlock(.read(0), .shared)
        _ = try app.checkpoint(.passive)
        #expect(wal.backfilledFrameCount == (try wal.header().lastFrame))
    }

    @Test func `the write lock makes a stock writer wait`() throws {
        let path = try scratch()
        let app = try Connection(path: path, .create)
        try app.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x)")
        let wal = try WAL(path: path)
        #expect(try wal.tryLock(.write, .exclusive))
        do {
            try app.execute("INSERT INTO t VALUES(1)")
            Issue.record("the write went through")
        } catch { #expect(error.isBusy) }
        wal.unlock(.write, .exclusive)
        try app.execute("INSERT INTO t VALUES(1)")
    }

    @Test func `a published header reads back as it was written`() throws {
        let path = try scratch()
        let app = try Connection(path: path, .create)
        try app.execute("PRAGMA page_size=65536; PRAGMA journal_mode=WAL; CREATE TABLE t(x)")
        let wal = try WAL(path: path)
        let header = try wal.header()
        #expect(header.pageSize == 65536)
        try wal.publish(header)
        #expect(try wal.header() == header)
        #expect(try app.rows("PRAGMA integrity_check") == [[.text("ok")]])
    }

    @Test func `a database that is not in WAL mode is refused by name`() throws {
        let path = try scratch()
        let app = try Connection(path: path, .create)
        try app.execute("CREATE TABLE t(x)")
        #expect(throws: SQLiteError.self) { try WAL(path: path) }
        do { _ = try WAL(path: path) } catch { #expect("\(error)".contains("journal mode delete")) }
    }

    @Test(arguments: [(3_006_023, false), (3_040_001, true), (3_044_006, false), (3_045_000, true), (3_050_007, false), (3_051_002, true), (3_051_003, false)])
    func `versions with the WAL-reset race are known`(number: Int, hasIt: Bool) {
        #expect(SQLiteVersion(number: Int32(number)).hasWALResetRace == hasIt)
    }
}
