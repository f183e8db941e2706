import Follower
import LTX
import ObjectStore
import Replica
import Synchronization
import Testing

/// Files of a log that overlap, some of them damaged: one whole way to a state is enough.
@Suite struct DamageTests {
    /// Three TXIDs, and the last two of them once more in one compacted file.
    private func example(damaged: Set<String> = []) async throws -> RestoreLog {
        let log = try RestoreLog()
        try await log.add(1, [1: 11, 2: 1, 3: 1], commit: 3)
        try await log.add(2, [2: 12], commit: 3, damaged: damaged.contains("2"))
        try await log.add(3, [3: 13], commit: 3, damaged: damaged.contains("3"))
        try await log.add(1, 2...3, [2: 12, 3: 13], commit: 3, damaged: damaged.contains("2-3"))
        return log
    }

    private let whole = [11, 12, 13].flatMap { [UInt8](repeating: $0, count: 512) }

    // F38
    @Test(arguments: [[], ["2-3"], ["2"], ["3"], ["2", "3"]] as [Set<String>])
    func `a restore goes around what is damaged`(damaged: Set<String>) async throws {
        let log = try await example(damaged: damaged)
        defer { log.remove() }
        #expect(try await Restore(log.replica, to: log.output).run()?.position.txid.rawValue == 3)
        #expect(try log.read() == whole)
    }

    @Test(arguments: [["2-3", "2"], ["2-3", "3"]] as [Set<String>])
    func `where no way is whole the restore fails, and not at an earlier state`(damaged: Set<String>) async throws {
        let log = try await example(damaged: damaged)
        defer { log.remove() }
        do {
            _ = try await Restore(log.replica, to: log.output).run()
            Issue.record("restored from a damaged log")
        } catch RestoreError.replica(let error) {
            #expect(error.damagedKey != nil)
        }
        #expect(try log.names() == [])
    }

    // F14
    @Test func `a compaction in the middle of a restore that moves the head on makes a new plan`() async throws {
        let log = try await example()
        defer { log.remove() }
        let reads = Atomic(0)
        let store = WatchedStore(base: log.store) { key throws(StoreError) in
            // The second file that is opened is gone by then, and the head with it: all is in a snapshot.
            guard reads.add(1, ordering: .relaxed).newValue == 2 else { return }
            do { try await log.add(9, 1...4, [1: 14, 2: 12, 3: 13], commit: 3) } catch {
                throw .unavailable(key: key, reason: "\(error)")
            }
            let gone = [(0, 2...2), (0, 3...3), (1, 2...3)] as [(Int, ClosedRange<UInt64>)]
            try await log.store.delete([key] + gone.map { level, txids in
                LogLayout.directory.key(
                    Level(rawValue: level)!,
                    LTXFileName(minTXID: TXID(rawValue: txids.lowerBound)!, maxTXID: TXID(rawValue: txids.upperBound)!))
            })
        }
        #expect(try await Restore(Replica(store: store), to: log.output).run()?.position.txid.rawValue == 4)
    }
}
