import LTX
import ObjectStore
import Replica
import Testing

@Suite struct LogVerifierTests {
    @Test func `A sound log has no findings`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        var database = TestDatabase(stamped: true)
        for number in 1...4 as ClosedRange<UInt64> {
            try await log.add(0, database.file(number, [1: UInt8(number), 2: 7], commit: 2))
        }
        try await log.add(1, database.compacted(2, 3))
        try await log.add(9, database.compacted(1, 3))
        let report = try await LogVerifier(log.replica).run()
        #expect(report.findings == [])
        #expect(report.fileCount == 6 && report.pageCount == 12)
        #expect(report.state?.position == Position(txid: txid(4), checksum: database.checksum))
    }

    @Test func `A damaged file is named, and so is what it makes of the head`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, TestDatabase.file(1, 1, [1: 1], commit: 1))
        let bytes = try TestDatabase.file(2, 2, [1: 2], commit: 1).bytes
        let file = try await log.add(0, LTXFileName(txid(2)), bytes.dropLast())
        let error = ReplicaError.damaged(key: "ltx/\(file)", .truncated)
        #expect(try await findings(log) == [.file(file, error), .unrestorable(error)])
    }

    @Test func `Holes and overlaps within a level are named`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, 1, 1)
        try await log.add(0, 5, 5)
        try await log.add(9, 1, 5)
        let first = try await log.add(1, 2, 4)
        let second = try await log.add(1, 3, 6)
        let level = Level(rawValue: 1)!
        #expect(
            try await findings(log)
                == [.hole(.captured, first: txid(2), last: txid(4)), .overlap(first, second)])
        #expect(first.level == level)
    }

    @Test func `A gap that no level bridges makes the head unrestorable`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, 1, 1)
        try await log.add(0, 3, 3)
        #expect(
            try await findings(log)
                == [
                    .hole(.captured, first: txid(2), last: txid(2)),
                    .unrestorable(.gap(missing: txid(2), head: txid(3))),
                ])
    }

    @Test func `A file that continues another state is named`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        var ours = TestDatabase(stamped: true)
        var theirs = TestDatabase(stamped: true)
        try await log.add(0, ours.file(1, [1: 1, 2: 1], commit: 2))
        _ = try theirs.file(1, [1: 9, 2: 1], commit: 2)
        let before = theirs.checksum
        try await log.add(0, theirs.file(2, [2: 2], commit: 2))
        let error = ReplicaError.discontinuous(txid(2), state: ours.checksum, expects: before)
        let file = try await log.replica.list(.captured)[1]
        #expect(try await findings(log) == [.file(file, error), .unrestorable(error)])
    }

    @Test func `Two files that lead to different states at one TXID are named`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        var ours = TestDatabase(stamped: true)
        var theirs = TestDatabase(stamped: true)
        try await log.add(0, ours.file(1, [1: 1], commit: 1))
        try await log.add(9, theirs.file(1, [1: 2], commit: 1))
        let files = try await log.replica.catalogue().files
        #expect(try await findings(log) == [.fork(txid(1), files[0], files[1])])
    }

    @Test func `A whole database that is not what its stamp says is named`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let stamp = LTXStamp(epoch: TestDatabase.epoch, before: nil, after: TestDatabase.checksum([1: 2]))
        try await log.add(0, TestDatabase.file(1, 1, [1: 1], commit: 1, stamp: stamp))
        let error = ReplicaError.wrongState(txid(1), computed: TestDatabase.checksum([1: 1]), stamped: stamp.after)
        let file = try await log.replica.list(.captured)[0]
        #expect(try await findings(log) == [.file(file, error), .unrestorable(error)])
    }

    @Test func `A store that fails is no finding`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, 1, 1)
        let failure = StoreError.unavailable(key: "x", reason: "test")
        let store = MeddlingStore(base: log.store) { _, _ throws(StoreError) in throw failure }
        await #expect(throws: ReplicaError.store(failure)) {
            _ = try await LogVerifier(Replica(store: store)).run()
        }
    }

    private func findings(_ log: TestLog) async throws -> [LogFinding] {
        try await LogVerifier(log.replica).run().findings
    }
}
