@testable import Follower
import FoundationEssentials
import LTX
import SQLite
import Testing

/// What a follower makes of the copy that it finds at its start.
@Suite struct CopyTests {
    /// A copy with an empty WAL, and the record that a restore would leave of it.
    private func restored() throws -> (path: String, directory: CopyDirectory, record: CopyRecord) {
        let directory = FileManager.default.temporaryDirectory.appending(path: "fantail-found-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let path = directory.appending(path: "copy.db").path
        do {
            let app = try Connection(path: path, .create)
            try app.execute("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; CREATE TABLE t(x)")
        }
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        var total = Checksum.empty
        for page in 0..<bytes.count / 4096 {
            let content = Array(bytes[page * 4096..<(page + 1) * 4096])
            total = total.toggling(Checksum.page(PageNumber(rawValue: UInt32(page + 1))!, content.span))
        }
        let entry = CopyRecord.Entry(
            txid: 1, checksum: total.rawValue, epoch: 1, pageCount: UInt32(bytes.count / 4096), salt1: 0, salt2: 0,
            frame: 0, sum1: 0, sum2: 0)
        let record = CopyRecord(url: "/log", pageSize: 4096, before: entry, after: nil)
        let meta = CopyDirectory(forCopy: path)
        try FileManager.default.createDirectory(atPath: meta.path, withIntermediateDirectories: true)
        return (path, meta, record)
    }

    @Test func `a copy that nobody touched is gone on with`() throws {
        let (path, directory, record) = try restored()
        #expect(try Copy(path: path, directory, record).current.txid == 1)
    }

    @Test func `a copy that was written to and closed, which leaves no WAL, is found out`() throws {
        let (path, directory, record) = try restored()
        do {
            let stray = try Connection(path: path, .readWrite)
            try stray.execute("INSERT INTO t VALUES(1)")
        }
        #expect(throws: FollowerError.self) { try Copy(path: path, directory, record) }
    }
}
