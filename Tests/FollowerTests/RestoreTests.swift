import Files
import Follower
import Foundation
import LTX
import ObjectStore
import Replica
import Synchronization
import Testing

@Suite struct RestoreTests {
    @Test func `The database at the head comes out whole, and nothing beside it`() async throws {
        let log = try await example()
        defer { log.remove() }
        let state = try await Restore(log.replica, to: log.output).run()
        #expect(state?.position.txid.rawValue == 3)
        #expect(state?.byteCount == 1024)
        #expect(try log.read() == filled(13, 12))
        #expect(try log.names() == ["copy.db"])
    }

    /// Closed when SQLite has the database open already, it would take SQLite's locks away: then a stock reader that
    /// leaves takes itself for the last, and deletes the WAL.
    @Test func `Nobody has a descriptor of the output when it is done`() async throws {
        for _ in 0..<50 {
            let log = try await example()
            defer { log.remove() }
            _ = try await Restore(log.replica, to: log.output).run()
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            let open = descriptors.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
            #expect(!open.contains { $0.hasPrefix(log.output) })
        }
    }

    @Test func `A database at a TXID comes out as it was`() async throws {
        let log = try await example()
        defer { log.remove() }
        _ = try await Restore(log.replica, to: log.output, target: TXID(rawValue: 2)!).run()
        #expect(try log.read() == filled(11, 12, 13))
    }

    @Test func `An output that exists is refused and not touched`() async throws {
        let log = try await example()
        defer { log.remove() }
        try log.write("mine")
        await #expect(throws: RestoreError.exists(path: log.output)) {
            _ = try await Restore(log.replica, to: log.output).run()
        }
        #expect(try log.read() == [UInt8]("mine".utf8))
    }

    @Test func `An output that exists is kept if that is wanted`() async throws {
        let log = try await example()
        defer { log.remove() }
        try log.write("mine")
        #expect(try await Restore(log.replica, to: log.output, existing: .keep).run() == nil)
        #expect(try log.read() == [UInt8]("mine".utf8))
    }

    @Test func `An output that does not exist is restored even if one that does would be kept`() async throws {
        let log = try await example()
        defer { log.remove() }
        #expect(try await Restore(log.replica, to: log.output, existing: .keep).run() != nil)
    }

    @Test func `Replacing takes the old database's WAL, index and journal away`() async throws {
        let log = try await example()
        defer { log.remove() }
        for suffix in ["", "-wal", "-shm", "-journal"] { try log.write("old", suffix: suffix) }
        _ = try await Restore(log.replica, to: log.output, existing: .replace).run()
        #expect(try log.names() == ["copy.db"])
        #expect(try log.read() == filled(13, 12))
    }

    @Test(arguments: ["-wal", "-shm", "-journal"])
    func `What a database that is gone left behind is refused`(suffix: String) async throws {
        let log = try await example()
        defer { log.remove() }
        try log.write("old", suffix: suffix)
        await #expect(throws: RestoreError.leftover(path: log.output + suffix)) {
            _ = try await Restore(log.replica, to: log.output).run()
        }
        #expect(try log.names() == ["copy.db" + suffix])
    }

    @Test func `An output that appears meanwhile is not replaced`() async throws {
        let log = try await example()
        defer { log.remove() }
        let store = WatchedStore(base: log.store) { _ in try? log.write("mine") }
        await #expect(throws: RestoreError.exists(path: log.output)) {
            _ = try await Restore(Replica(store: store), to: log.output).run()
        }
        #expect(try log.read() == [UInt8]("mine".utf8))
        #expect(try log.names() == ["copy.db"])
    }

    @Test func `A damaged file leaves the output as it was and nothing beside it`() async throws {
        let log = try await example()
        defer { log.remove() }
        let key = try await log.add(4, [1: 14], commit: 2, damaged: true)
        try log.write("mine")
        try log.write("wal", suffix: "-wal")
        do {
            _ = try await Restore(log.replica, to: log.output, existing: .replace).run()
            Issue.record("restored from a damaged file")
        } catch .replica(.damaged(let damaged, .fileChecksum)) {
            #expect(damaged == key)
        }
        #expect(try log.read() == [UInt8]("mine".utf8))
        #expect(try log.names() == ["copy.db", "copy.db-wal"])
    }

    @Test func `What a killed restore left behind is used again`() async throws {
        let log = try await example()
        defer { log.remove() }
        try log.write(String(repeating: "x", count: 5000), suffix: ".fantail-restore")
        _ = try await Restore(log.replica, to: log.output).run()
        #expect(try log.read() == filled(13, 12))
        #expect(try log.names() == ["copy.db"])
    }

    @Test func `Two restores to one output do not mix`() async throws {
        let log = try await example()
        defer { log.remove() }
        let second = Mutex<RestoreError?>(nil)
        let store = WatchedStore(base: log.store) { _ in
            do throws(RestoreError) {
                _ = try await Restore(log.replica, to: log.output).run()
            } catch {
                second.withLock { $0 = error }
            }
        }
        _ = try await Restore(Replica(store: store), to: log.output).run()
        #expect(second.withLock { $0 } == .busy(path: log.output + ".fantail-restore"))
        #expect(try log.read() == filled(13, 12))
    }

    @Test func `Files that are compacted away meanwhile make a new plan`() async throws {
        let log = try await example()
        defer { log.remove() }
        let isFirst = Atomic(true)
        let store = WatchedStore(base: log.store) { key throws(StoreError) in
            guard isFirst.exchange(false, ordering: .relaxed) else { return }
            // The head is replaced by an older one, as if a compaction had taken the files of the plan.
            try await log.store.delete([key])
        }
        let state = try await Restore(Replica(store: store), to: log.output).run()
        #expect(state?.position.txid.rawValue == 2)
        #expect(try log.read() == filled(11, 12, 13))
    }

    @Test func `Progress ends with everything done`() async throws {
        let log = try await example()
        defer { log.remove() }
        let last = Mutex<Restore.Progress?>(nil)
        let restore = Restore(log.replica, to: log.output, progress: { progress in last.withLock { $0 = progress } })
        _ = try await restore.run()
        let progress = try #require(last.withLock { $0 })
        #expect(progress.doneByteCount == progress.totalByteCount)
    }

    @Test func `An empty log says so`() async throws {
        let log = try RestoreLog()
        defer { log.remove() }
        try FileManager.default.createDirectory(atPath: log.store.root, withIntermediateDirectories: true)
        await #expect(throws: RestoreError.replica(.empty(store: log.store.description))) {
            _ = try await Restore(log.replica, to: log.output).run()
        }
        #expect(try log.names() == [])
    }

    /// Three TXIDs: three pages, a change, and a shrinking to two pages.
    private func example() async throws -> RestoreLog {
        let log = try RestoreLog()
        try await log.add(1, [1: 11, 2: 1, 3: 1], commit: 3)
        try await log.add(2, [2: 12, 3: 13], commit: 3)
        try await log.add(3, [1: 13], commit: 2)
        return log
    }

    private func filled(_ fills: UInt8...) -> [UInt8] { fills.flatMap { [UInt8](repeating: $0, count: 512) } }
}
