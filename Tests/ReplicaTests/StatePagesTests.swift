import LTX
import Replica
import Testing

@Suite struct StatePagesTests {
    @Test func `A copy with the same pages is the same`() async throws {
        let pages = try await example()
        #expect(difference(pages, [10, 21, 30]) == nil)
    }

    static let changes: [([UInt8], UInt32)] = [
        ([11, 21, 30], 1), ([10, 20, 30], 2), ([10, 21, 31], 3), ([11, 20, 31], 1),
    ]

    @Test(arguments: changes)
    func `The first page that differs is named`(fills: [UInt8], number: UInt32) async throws {
        let pages = try await example()
        #expect(difference(pages, fills) == .page(PageNumber(rawValue: number)!))
    }

    @Test func `Another page size or another length is named`() async throws {
        let pages = try await example()
        #expect(difference(pages, [10, 21]) == .commit(log: 3, copy: 2))
        #expect(
            difference(pages, [10, 21, 30], pageSize: 1024)
                == .pageSize(log: PageSize(512)!, copy: PageSize(1024)!))
    }

    @Test func `An older state can be compared with as well`() async throws {
        let pages = try await example(target: txid(1))
        #expect(difference(pages, [10, 20, 30]) == nil)
    }

    private func example(target: TXID? = nil) async throws -> StatePages {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, TestDatabase.file(1, 1, [1: 10, 2: 20, 3: 30], commit: 3))
        try await log.add(0, TestDatabase.file(2, 2, [2: 21], commit: 3))
        return try await StatePages.load(log.replica, target: target)
    }

    private func difference(_ pages: StatePages, _ fills: [UInt8], pageSize: Int = 512) -> StatePages.Difference? {
        pages.firstDifference(pageSize: PageSize(pageSize)!, commit: UInt32(fills.count)) { number, bytes in
            bytes = TestDatabase.bytes(fills[Int(number.rawValue) - 1], pageSize)
        }
    }
}
