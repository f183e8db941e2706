import Foundation
import LTX
import ObjectStore
import Replica

/// A log in a directory of its own, with room for what is restored from it.
struct RestoreLog {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("fantail-\(UUID().uuidString)")
    let store: DirectoryStore
    let replica: Replica

    init() throws {
        store = DirectoryStore(root: directory.appendingPathComponent("store").path)
        replica = Replica(store: store)
        try FileManager.default.createDirectory(
            at: directory.appendingPathComponent("out"), withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    var output: String { directory.appendingPathComponent("out/copy.db").path }

    /// What is in the output's directory.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.appendingPathComponent("out").path).sorted()
    }

    func write(_ text: String, suffix: String = "") throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: output + suffix))
    }

    func read() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: output))) }

    /// Puts a level-0 file whose pages are filled with these bytes, by number; answers its key.
    @discardableResult
    func add(_ txid: UInt64, _ pages: [UInt32: UInt8], commit: UInt32, damaged: Bool = false) async throws -> String {
        try await add(0, txid...txid, pages, commit: commit, damaged: damaged)
    }

    /// Puts a file of some TXIDs on a level.
    @discardableResult
    func add(
        _ level: Int, _ txids: ClosedRange<UInt64>, _ pages: [UInt32: UInt8], commit: UInt32, damaged: Bool = false
    ) async throws -> String {
        let name = LTXFileName(minTXID: TXID(rawValue: txids.lowerBound)!, maxTXID: TXID(rawValue: txids.upperBound)!)
        var encoder = LTXEncoder(pageSize: PageSize(512)!, commit: commit)
        for (number, fill) in pages.sorted(by: { $0.key < $1.key }) {
            let bytes = [UInt8](repeating: fill, count: 512)
            try encoder.append(PageNumber(rawValue: number)!, bytes.span)
        }
        let ending = try encoder.finish(
            LTXHeader(pageSize: PageSize(512)!, commit: commit, name: name, timestampMilliseconds: 5))
        var bytes = ending.header + ending.tail
        if damaged { bytes[bytes.count - 1] ^= 1 }
        let key = LogLayout.directory.key(Level(rawValue: level)!, name)
        _ = try await store.put(key, .bytes(bytes), condition: .always, modified: nil)
        return key
    }
}

/// A store that does as another one, but calls `beforeRead` with the key first.
struct WatchedStore: ObjectStore {
    let base: any ObjectStore
    let beforeRead: @Sendable (String) async throws(StoreError) -> Void

    var description: String { base.description }
    var conditions: StoreConditions { base.conditions }
    var requests: RequestCounter { base.requests }

    func list(prefix: String, after: String?, limit: Int) async throws(StoreError) -> ObjectPage {
        try await base.list(prefix: prefix, after: after, limit: limit)
    }

    func read(_ key: String, range: Range<Int64>, ifMatch: ETag?) async throws(StoreError) -> ObjectSlice {
        try await beforeRead(key)
        return try await base.read(key, range: range, ifMatch: ifMatch)
    }

    func put(
        _ key: String, _ body: ObjectBody, condition: PutCondition, modified: ObjectTime?
    ) async throws(StoreError) -> ETag {
        try await base.put(key, body, condition: condition, modified: modified)
    }

    func delete(_ keys: [String]) async throws(StoreError) { try await base.delete(keys) }
}
