import Foundation
import LTX
import ObjectStore
import Replica

/// A log in a directory of its own, and what tests put into it.
struct TestLog {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("fantail-\(UUID().uuidString)")
    let store: DirectoryStore
    let replica: Replica

    init() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        store = DirectoryStore(root: directory.path)
        replica = Replica(store: store)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    /// Puts a file of these TXIDs, whose pages are all `fill`, on a level.
    @discardableResult
    func add(_ level: Int, _ min: UInt64, _ max: UInt64, fill: UInt8 = 1) async throws -> LogFile {
        let name = LTXFileName(minTXID: TXID(rawValue: min)!, maxTXID: TXID(rawValue: max)!)
        let bytes = try TestLog.encode(name, fill: fill)
        return try await add(level, name, bytes)
    }

    @discardableResult
    func add(_ level: Int, _ name: LTXFileName, _ bytes: [UInt8]) async throws -> LogFile {
        let level = Level(rawValue: level)!
        _ = try await store.put(
            LogLayout.directory.key(level, name), .bytes(bytes), condition: .always, modified: ObjectTime(rawValue: 5))
        return LogFile(level: level, name: name, size: Int64(bytes.count), modified: ObjectTime(rawValue: 5))
    }

    /// An LTX file with both pages of a database of two.
    static func encode(_ name: LTXFileName, fill: UInt8 = 1) throws(LTXError) -> [UInt8] {
        let page = [UInt8](repeating: fill, count: 512)
        return try encode(name, pageSize: 512, pages: [page, page])
    }

    static func encode(_ name: LTXFileName, pageSize: Int, pages: [[UInt8]]) throws(LTXError) -> [UInt8] {
        let size = PageSize(pageSize)!
        var encoder = LTXEncoder(pageSize: size, commit: UInt32(pages.count))
        for (index, page) in pages.enumerated() {
            try encoder.append(PageNumber(rawValue: UInt32(index + 1))!, page.span)
        }
        let ending = try encoder.finish(
            LTXHeader(pageSize: size, commit: UInt32(pages.count), name: name, timestampMilliseconds: 5))
        return ending.header + ending.tail
    }
}

/// A store that does as another one, unless told to meddle.
struct MeddlingStore: ObjectStore {
    let base: any ObjectStore
    /// Called before each read, with the key and the range.
    var beforeRead: @Sendable (String, Range<Int64>) async throws(StoreError) -> Void = { _, _ in }
    /// Called after each put that succeeded, whose answer is lost if it throws.
    var afterPut: @Sendable (String) async throws(StoreError) -> Void = { _ in }

    var description: String { base.description }
    var conditions: StoreConditions { base.conditions }
    var requests: RequestCounter { base.requests }

    func list(prefix: String, after: String?, limit: Int) async throws(StoreError) -> ObjectPage {
        try await base.list(prefix: prefix, after: after, limit: limit)
    }

    func read(_ key: String, range: Range<Int64>, ifMatch: ETag?) async throws(StoreError) -> ObjectSlice {
        try await beforeRead(key, range)
        return try await base.read(key, range: range, ifMatch: ifMatch)
    }

    func put(
        _ key: String, _ body: ObjectBody, condition: PutCondition, modified: ObjectTime?
    ) async throws(StoreError) -> ETag {
        let etag = try await base.put(key, body, condition: condition, modified: modified)
        try await afterPut(key)
        return etag
    }

    func delete(_ keys: [String]) async throws(StoreError) { try await base.delete(keys) }
}

func txid(_ number: UInt64) -> TXID { TXID(rawValue: number)! }
