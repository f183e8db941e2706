import Files
import Foundation
import LTX
import ObjectStore
import Replica
import TestSupport
import Testing
@testable import fantail

@Suite struct LTXListingTests {
    /// 1: all in one read. 300: two reads, with the index in the tail. 30,000: an index longer than the tail.
    @Test(arguments: [1, 300, 30_000] as [UInt32])
    func `the pages of a file of any length are counted`(pageCount: UInt32) async throws {
        let directory = try TemporaryDirectory()
        let replica = Replica(store: DirectoryStore(root: directory.path))
        try await put(replica, TXID.first, pageCount: pageCount)
        let listing = await LTXListing.load(replica, try await replica.catalogue().files)
        #expect(listing.rows.map(\.pageCount) == [Int(pageCount)])
        #expect(listing.problems.isEmpty)
    }

    @Test func `every file is listed once and in order, however many there are`() async throws {
        let directory = try TemporaryDirectory()
        let replica = Replica(store: DirectoryStore(root: directory.path))
        var txid = TXID.first
        for _ in 0..<100 {
            try await put(replica, txid, pageCount: UInt32(txid.rawValue % 7 + 1))
            txid = txid.next
        }
        let listing = await LTXListing.load(replica, try await replica.catalogue().files)
        #expect(listing.rows.map(\.file.name.maxTXID.rawValue) == Array(1...100))
        #expect(listing.rows.map(\.pageCount) == (1...100).map { $0 % 7 + 1 })
    }

    @Test func `a file that vanished since it was listed has a reason instead of pages`() async throws {
        let directory = try TemporaryDirectory()
        let replica = Replica(store: DirectoryStore(root: directory.path))
        try await put(replica, TXID.first, pageCount: 2)
        try await put(replica, TXID.first.next, pageCount: 3)
        let files = try await replica.catalogue().files
        try await replica.store.delete([replica.layout.key(.captured, LTXFileName(.first))])
        let listing = await LTXListing.load(replica, files)
        #expect(listing.rows.map(\.pageCount) == [nil, 3])
        #expect(listing.problems.count == 1 && listing.problems[0].contains("deleted"))
        #expect(listing.text(now: 0).hasSuffix(", 1 that cannot be read"))
        #expect(try listing.json().contains("\"problem\""))
    }

    @Test func `no time in a header breaks the age`() async throws {
        let directory = try TemporaryDirectory()
        let replica = Replica(store: DirectoryStore(root: directory.path))
        try await put(replica, TXID.first, pageCount: 1, milliseconds: .min)
        try await put(replica, TXID.first.next, pageCount: 1, milliseconds: .max)
        let listing = await LTXListing.load(replica, try await replica.catalogue().files)
        #expect(listing.text(now: WallClock.now / 1_000_000).contains("  ?\n"))
        #expect(try !listing.json().isEmpty)
    }

    /// A file whose pages do not compress.
    private func put(
        _ replica: Replica, _ txid: TXID, pageCount: UInt32, milliseconds: Int64 = 1_700_000_000_000
    ) async throws {
        let pageSize = try #require(PageSize(512))
        let header = LTXHeader(
            pageSize: pageSize, commit: pageCount, name: LTXFileName(txid), timestampMilliseconds: milliseconds)
        var bytes: [UInt8] = []
        do {
            var encoder = LTXEncoder(pageSize: pageSize, commit: pageCount)
            for number in 1...pageCount {
                let page = (0..<512).map { UInt8(truncatingIfNeeded: (Int(number) &* 2_654_435_761 &+ $0 &* $0 &* 40_503) >> 5) }
                try encoder.append(try #require(PageNumber(rawValue: number)), page.span)
                bytes += encoder.takeOutput()
            }
            let ending = try encoder.finish(header)
            bytes = ending.header + bytes + ending.tail
        }
        try await replica.publish(.captured, LTXFileName(txid), .bytes(bytes), timestampMilliseconds: 1_700_000_000_000)
    }
}
