import LTX
import ObjectStore
import Replica
import Testing

@Suite struct StateReaderTests {
    @Test func `The newest version of each page is the one that counts`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        var database = TestDatabase()
        try await log.add(0, database.file(1, [1: 10, 2: 20, 3: 30], commit: 3))
        try await log.add(0, database.file(2, [2: 21], commit: 3))
        try await log.add(0, database.file(3, [2: 22, 3: 32], commit: 3))
        #expect(try await log.image() == database.image)
    }

    @Test func `A file that begins before the state it continues counts where it is newer`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(9, TestDatabase.file(1, 3, [1: 10, 2: 20], commit: 2))
        try await log.add(1, TestDatabase.file(2, 4, [2: 24], commit: 2))
        #expect(try await log.image() == TestDatabase.bytes(10) + TestDatabase.bytes(24))
    }

    @Test func `What a shrinking cut off does not come back when the database grows again`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, TestDatabase.file(1, 1, [1: 10, 2: 20, 3: 30], commit: 3))
        try await log.add(0, TestDatabase.file(2, 2, [1: 11], commit: 1))
        try await log.add(0, TestDatabase.file(3, 3, [3: 33], commit: 3))
        let two = PageNumber(rawValue: 2)!
        await #expect(throws: ReplicaError.missingPage(two, txid: txid(3))) { try await log.image() }
    }

    @Test func `A file of another page size holds everything, and nothing older counts`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, TestDatabase.file(1, 1, [1: 10, 2: 20], commit: 2))
        try await log.add(0, TestDatabase.file(2, 2, [1: 11, 2: 21], commit: 2, pageSize: 1024))
        let state = try await log.state()
        #expect(state.pageSize == PageSize(1024))
        #expect(try await log.image() == TestDatabase.bytes(11, 1024) + TestDatabase.bytes(21, 1024))
    }

    @Test func `A file of another page size that does not hold everything is refused`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, TestDatabase.file(1, 1, [1: 10, 2: 20], commit: 2))
        try await log.add(0, TestDatabase.file(2, 2, [1: 11], commit: 2, pageSize: 1024))
        await #expect(throws: ReplicaError.missingPage(PageNumber(rawValue: 2)!, txid: txid(2))) {
            try await log.image()
        }
    }

    @Test func `Once every page is there, older files are not read`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, TestDatabase.file(1, 1, [1: 10, 2: 20], commit: 2))
        try await log.add(0, TestDatabase.file(2, 2, [1: 11, 2: 21], commit: 2))
        _ = try await log.image()
        #expect(log.store.requests.counts.gets == 1)
    }

    @Test func `The state's checksum is that of its pages`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, TestDatabase.file(1, 1, [1: 10, 2: 20], commit: 2))
        try await log.add(0, TestDatabase.file(2, 2, [2: 21], commit: 2))
        let checksum = TestDatabase.checksum([1: 10, 2: 21])
        #expect(try await log.state().position == Position(txid: txid(2), checksum: checksum))
    }

    @Test func `Stamps that continue each other are followed to the last one's epoch`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        var database = TestDatabase(stamped: true)
        try await log.add(0, database.file(1, [1: 10, 2: 20], commit: 2))
        try await log.add(0, database.file(2, [2: 21], commit: 2))
        let state = try await log.state()
        #expect(state.epoch == TestDatabase.epoch)
        #expect(state.position.checksum == database.checksum)
    }

    @Test func `A stamp that continues another state is refused`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        var database = TestDatabase(stamped: true)
        try await log.add(0, database.file(1, [1: 10, 2: 20], commit: 2))
        var other = TestDatabase(stamped: true)
        _ = try other.file(1, [1: 11, 2: 20], commit: 2)
        try await log.add(0, other.file(2, [2: 21], commit: 2))
        let expected = ReplicaError.discontinuous(
            txid(2), state: database.checksum, expects: TestDatabase.checksum([1: 11, 2: 20]))
        await #expect(throws: expected) { try await log.image() }
    }

    @Test func `Pages that do not add up to the stamp are refused`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let stamped = TestDatabase.checksum([1: 99])
        let stamp = LTXStamp(epoch: TestDatabase.epoch, before: nil, after: stamped)
        try await log.add(0, TestDatabase.file(1, 1, [1: 10], commit: 1, stamp: stamp))
        let computed = TestDatabase.checksum([1: 10])
        await #expect(throws: ReplicaError.wrongState(txid(1), computed: computed, stamped: stamped)) {
            try await log.image()
        }
    }

    @Test func `A stamp that builds on nothing begins a history of its own`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        var old = TestDatabase(stamped: true)
        try await log.add(0, old.file(1, [1: 10, 2: 20], commit: 2))
        let stamp = LTXStamp(epoch: TestDatabase.epoch, before: nil, after: TestDatabase.checksum([1: 11, 2: 20]))
        try await log.add(0, TestDatabase.file(2, 2, [1: 11], commit: 2, stamp: stamp))
        await #expect(throws: ReplicaError.missingPage(PageNumber(rawValue: 2)!, txid: txid(2))) {
            try await log.image()
        }
    }

    @Test func `A commit that the files cannot fill is refused before it costs memory`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, TestDatabase.file(1, 1, [1: 10], commit: 1))
        try await log.add(0, TestDatabase.file(2, 2, [1: 10], commit: .max - 1))
        await #expect(throws: ReplicaError.missingPage(.first, txid: txid(2))) { try await log.image() }
    }

    @Test func `Whatever the database went through, each TXID is restored as it was`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(state: seed)
        for round in 0..<25 {
            let log = try TestLog()
            defer { log.remove() }
            var database = TestDatabase(stamped: Bool.random(using: &random))
            var images: [TestDatabase.Image] = []
            for number in 1...20 as ClosedRange<UInt64> {
                let (pages, commit) = database.randomChange(using: &random)
                try await log.add(0, database.file(number, pages, commit: commit))
                images.append(database.image)
                if Bool.random(using: &random) {
                    let min = UInt64.random(in: 1...number, using: &random)
                    try await log.add(min == 1 ? 9 : 1, database.compacted(min, number))
                }
            }
            for (index, image) in images.enumerated() {
                let restored = try await log.image(txid(UInt64(index + 1)))
                #expect(restored == image, "seed \(seed), round \(round), TXID \(index + 1)")
            }
        }
    }
}
