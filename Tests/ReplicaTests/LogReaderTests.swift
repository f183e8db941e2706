import LTX
import ObjectStore
import Replica
import Synchronization
import Testing

@Suite struct LogReaderTests {
    @Test func `A short file takes one request`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, 2, 2)
        guard let reader = try await log.replica.open(txid(2)) else {
            Issue.record("not there")
            return
        }
        let name = reader.header.name
        #expect(name == LTXFileName(txid(2)))
        #expect(try await pages(reader) == [[UInt8](repeating: 1, count: 512), [UInt8](repeating: 1, count: 512)])
        #expect(log.store.requests.counts.gets == 1)
    }

    @Test func `A long file arrives in pieces`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let (file, content) = try await longFile(log)
        #expect(try await pages(log.replica.open(file)) == content)
        #expect(log.store.requests.counts.gets == 3)
    }

    @Test func `A TXID that is not there yet is no error`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        try await log.add(0, 1, 1)
        let isThere = try await log.replica.open(txid(2)) != nil
        #expect(!isThere)
    }

    @Test func `A store that was never made is an error of its own`() async throws {
        let log = try TestLog()
        log.remove()
        await #expect(throws: ReplicaError.store(.rootMissing(store: log.store.description))) {
            _ = try await log.replica.open(txid(1))
        }
    }

    @Test func `A file deleted after the listing has vanished, and the plan has to be made anew`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let file = try await log.add(1, 1, 1)
        let key = LogLayout.directory.key(file.level, file.name)
        try await log.store.delete([key])
        await #expect(throws: ReplicaError.vanished(key: key)) { _ = try await log.replica.open(file) }
        #expect(ReplicaError.vanished(key: key).reaction == .replan)
    }

    @Test func `A file deleted while it is read has vanished`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let (file, _) = try await longFile(log)
        let key = LogLayout.directory.key(file.level, file.name)
        let replica = meddled(log) { range throws(StoreError) in
            if range.lowerBound > 0 { try await log.store.delete([key]) }
        }
        await #expect(throws: ReplicaError.vanished(key: key)) { try await pages(replica.open(file)) }
    }

    @Test func `A file replaced while it is read is never a mix of both`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let (file, _) = try await longFile(log)
        let key = LogLayout.directory.key(file.level, file.name)
        let replica = meddled(log) { range throws(StoreError) in
            if range.lowerBound > 0 { _ = try await log.store.put(key, .bytes([1]), condition: .always, modified: nil) }
        }
        await #expect(throws: ReplicaError.changed(key: key)) { try await pages(replica.open(file)) }
    }

    @Test func `A file that is not whole yet is read again later`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let name = LTXFileName(txid(1))
        let bytes = try TestLog.encode(name)
        for byteCount in [0, 50, 99, 100, 150, bytes.count - 1] {
            let file = try await log.add(0, name, [UInt8](bytes[..<byteCount]))
            let expected = ReplicaError.damaged(key: LogLayout.directory.key(.captured, name), .truncated)
            await #expect(throws: expected) { try await pages(log.replica.open(file)) }
            #expect(expected.reaction == .retry)
        }
    }

    @Test func `Bytes after a file's end are refused`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let name = LTXFileName(txid(1))
        let file = try await log.add(0, name, TestLog.encode(name) + [0])
        await #expect(throws: ReplicaError.damaged(key: LogLayout.directory.key(.captured, name), .trailingBytes)) {
            try await pages(log.replica.open(file))
        }
    }

    @Test func `A file under another's name is refused`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let file = try await log.add(0, LTXFileName(txid(2)), TestLog.encode(LTXFileName(txid(1))))
        let key = LogLayout.directory.key(file.level, file.name)
        await #expect(throws: ReplicaError.misnamed(key: key, holds: LTXFileName(txid(1)))) {
            _ = try await log.replica.open(file)
        }
    }

    /// A file of three pieces, as its pages do not compress.
    private func longFile(_ log: TestLog) async throws -> (LogFile, [[UInt8]]) {
        var random = SplitMix(state: 7)
        let pages = (0..<130).map { _ in
            (0..<8192).flatMap { _ in
                let word = random.next()
                return (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
            }
        }
        let name = LTXFileName(txid(1))
        return (try await log.add(0, name, TestLog.encode(name, pageSize: 65536, pages: pages)), pages)
    }

    private func meddled(
        _ log: TestLog, _ beforeRead: @escaping @Sendable (Range<Int64>) async throws(StoreError) -> Void
    ) -> Replica {
        Replica(store: MeddlingStore(base: log.store) { _, range throws(StoreError) in try await beforeRead(range) })
    }

    @discardableResult
    private func pages(_ reader: consuming LogReader) async throws(ReplicaError) -> [[UInt8]] {
        var reader = reader
        var pages: [[UInt8]] = []
        var page: [UInt8] = []
        while try await reader.next(into: &page) != nil { pages.append(page) }
        return pages
    }
}
