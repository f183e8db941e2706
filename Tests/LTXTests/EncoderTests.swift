import LTX
import Testing

@Suite struct EncoderTests {
    @Test func `Pages must ascend`() {
        var file = increment([2, 3])
        file.pages.reverse()
        #expect(throws: LTXError.pageOrder(page(2), after: page(3))) { try file.encoded() }
    }

    @Test func `A page comes once`() {
        #expect(throws: LTXError.pageOrder(page(2), after: page(2))) { try increment([2, 2]).encoded() }
    }

    @Test func `A page lies within the database`() {
        #expect(throws: LTXError.pageBeyondCommit(page(10), commit: 9)) { try increment([10]).encoded() }
    }

    @Test func `A page has the page size`() {
        var file = increment([])
        file.pages = [LTXBytes.Page(number: page(1), bytes: [1, 2, 3])]
        #expect(throws: LTXError.pageLength(page(1), byteCount: 3)) { try file.encoded() }
    }

    @Test(arguments: [([2, 3], 1), ([1, 3], 2), ([1, 2], 3)] as [([UInt32], UInt32)])
    func `A file from TXID 1 holds every page`(numbers: [UInt32], missing: UInt32) {
        var file = LTXBytes.snapshot(pageCount: 3)
        file.pages.removeAll { !numbers.contains($0.number.rawValue) }
        #expect(throws: LTXError.missingPage(page(missing))) { try file.encoded() }
    }

    @Test(arguments: [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536])
    func `Every page size survives being written and read`(pageSize: Int) throws {
        let file = LTXBytes.snapshot(pageSize: pageSize, pageCount: 4)
        #expect(try LTXBytes(decoding: file.encoded()) == file)
    }

    // F47
    @Test func `The last pages that SQLite can have survive`() throws {
        var file = increment([1])
        file.header = LTXHeader(
            pageSize: file.header.pageSize, commit: .max - 1, name: file.header.name, timestampMilliseconds: 1)
        file.pages.append(LTXBytes.page(.max - 2, pageSize: file.header.pageSize))
        file.pages.append(LTXBytes.page(.max - 1, pageSize: file.header.pageSize))
        #expect(try LTXBytes(decoding: file.encoded()) == file)
    }

    @Test func `A page that does not compress survives`() throws {
        var generator = SystemRandomNumberGenerator()
        var file = LTXBytes.snapshot(pageSize: 65536, pageCount: 1)
        let bytes = (0..<65536).map { _ in UInt8.random(in: 0...255, using: &generator) }
        file.pages = [LTXBytes.Page(number: .first, bytes: bytes)]
        let encoded = try file.encoded()
        #expect(encoded.count > 65536)
        #expect(try LTXBytes(decoding: encoded) == file)
    }

    @Test func `A database of one page survives`() throws {
        let file = LTXBytes.snapshot(pageCount: 1)
        #expect(try LTXBytes(decoding: file.encoded()) == file)
    }

    @Test func `An empty database cannot be written`() {
        #expect(throws: LTXError.commit(0)) { try LTXBytes.snapshot(pageCount: 0).encoded() }
    }

    @Test func `A file without pages survives unless it is a snapshot`() throws {
        #expect(try LTXBytes(decoding: increment([]).encoded()) == increment([]))
    }

    @Test func `The size that the ending names is the file's`() throws {
        let file = LTXBytes.snapshot()
        var encoder = LTXEncoder(pageSize: file.header.pageSize, commit: 3)
        for page in file.pages { try encoder.append(page.number, page.bytes.span) }
        #expect(encoder.pageCount == 3)
        let drained = encoder.takeOutput()
        #expect(encoder.outputByteCount == 0)
        let ending = try encoder.finish(file.header)
        #expect(ending.byteCount == Int64(ending.header.count + drained.count + ending.tail.count))
    }

    @Test(arguments: [512, 4096, 65536])
    func `The lock page is refused and its neighbours are not`(pageSize: Int) throws {
        let size = PageSize(pageSize)!
        let lock = size.lockPage.rawValue
        let header = LTXHeader(
            pageSize: size, commit: lock + 1, name: LTXFileName(page2TXID), timestampMilliseconds: 0)
        let beside = LTXBytes(
            header: header, pages: [lock - 1, lock + 1].map { LTXBytes.page($0, pageSize: size) })
        #expect(try LTXBytes(decoding: beside.encoded()) == beside)
        let on = LTXBytes(header: header, pages: [LTXBytes.page(lock, pageSize: size)])
        #expect(throws: LTXError.lockPage(size.lockPage)) { try on.encoded() }
        #expect(header.snapshotPageCount == Int(lock))
    }

    private let page2TXID = TXID(rawValue: 2)!
    private func page(_ number: UInt32) -> PageNumber { PageNumber(rawValue: number)! }

    /// A file of TXID 2 with these pages of a database of nine.
    private func increment(_ numbers: [UInt32]) -> LTXBytes {
        let size = PageSize(512)!
        return LTXBytes(
            header: LTXHeader(pageSize: size, commit: 9, name: LTXFileName(page2TXID), timestampMilliseconds: 0),
            pages: numbers.map { LTXBytes.page($0, pageSize: size) })
    }
}
