import Testing

@testable import LTX

@Suite struct PageSequenceTests {
    @Test func `A whole database across 1 GiB leaves out just the lock page`() throws {
        let size = PageSize(65536)!
        let commit = size.lockPage.rawValue + 2
        var pages = PageSequence(pageSize: size, commit: commit)
        for number in 1...commit where number != size.lockPage.rawValue {
            try pages.accept(PageNumber(rawValue: number)!)
        }
        try pages.requireAll()
        #expect(pages.count == Int(commit) - 1)
    }

    @Test func `The page after the lock page may not be left out`() throws {
        let size = PageSize(65536)!
        let lock = size.lockPage.rawValue
        var pages = PageSequence(pageSize: size, commit: lock + 1)
        for number in 1..<lock { try pages.accept(PageNumber(rawValue: number)!) }
        #expect(throws: LTXError.missingPage(PageNumber(rawValue: lock + 1)!)) { try pages.requireAll() }
    }

    @Test func `A database that ends on the lock page is whole without it`() throws {
        let size = PageSize(65536)!
        var pages = PageSequence(pageSize: size, commit: size.lockPage.rawValue)
        for number in 1..<size.lockPage.rawValue { try pages.accept(PageNumber(rawValue: number)!) }
        try pages.requireAll()
    }

    @Test func `The largest page number is in bounds`() throws {
        var pages = PageSequence(pageSize: PageSize(4096)!, commit: .max - 1)
        try pages.accept(PageNumber(rawValue: .max - 1)!)
        #expect(throws: LTXError.missingPage(.first)) { try pages.requireAll() }
    }
}
