import LTX
import Testing

/// Files that Litestream wrote (Golden/make.sh), against the databases that it restores from them.
@Suite struct GoldenTests {
    static let pageSizes = [512, 4096, 65536]

    @Test(arguments: pageSizes)
    func `A snapshot decodes to the database`(pageSize: Int) throws {
        let snapshot = try LTXBytes(decoding: golden("\(pageSize)-snapshot.ltx"))
        #expect(snapshot.header.isSnapshot && snapshot.header.stamp == nil)
        #expect(try snapshot.applied() == golden("\(pageSize)-1.db"))
    }

    @Test(arguments: pageSizes)
    func `An increment leads to the next state`(pageSize: Int) throws {
        let next = try LTXBytes(decoding: golden("\(pageSize)-next.ltx"))
        #expect(next.header.name == LTXFileName(TXID(rawValue: 2)!))
        #expect(try next.applied(to: golden("\(pageSize)-1.db")) == golden("\(pageSize)-2.db"))
    }

    @Test(arguments: pageSizes)
    func `A compacted file bridges two states`(pageSize: Int) throws {
        let compacted = try LTXBytes(decoding: golden("\(pageSize)-compacted.ltx"))
        #expect(compacted.header.wal == .none)
        #expect(try compacted.applied(to: golden("\(pageSize)-1.db")) == golden("\(pageSize)-3.db"))
    }

    @Test(arguments: ["512-snapshot", "4096-next", "65536-compacted"], [1, 2, 9, 100, 1000])
    func `Where the bytes are cut does not matter`(name: String, pieceByteCount: Int) throws {
        let bytes = try golden("\(name).ltx")
        #expect(try LTXBytes(decoding: bytes, pieceByteCount: pieceByteCount) == LTXBytes(decoding: bytes))
    }

    @Test(arguments: pageSizes, ["snapshot", "next", "compacted"])
    func `What was read is written so that it reads the same`(pageSize: Int, kind: String) throws {
        let file = try LTXBytes(decoding: golden("\(pageSize)-\(kind).ltx"))
        #expect(try LTXBytes(decoding: file.encoded()) == file)
    }
}
