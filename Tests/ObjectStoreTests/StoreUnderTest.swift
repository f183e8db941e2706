import ObjectStore
import TestSupport

/// A back end that the conformance suite runs against; each test gets an empty store of its own.
struct StoreUnderTest: Sendable, CustomStringConvertible {
    let description: String
    let make: @Sendable () async throws -> Opened

    /// An empty store, and what has to live as long as it is used (its directory, its server).
    struct Opened: Sendable {
        let store: any ObjectStore
        let owner: any AnyObject & Sendable
    }

    /// Every back end there is.
    static let all = [directory]

    static let directory = StoreUnderTest(description: "directory") {
        let directory = try TemporaryDirectory()
        return Opened(store: DirectoryStore(root: directory.file("store")), owner: directory)
    }

    /// Runs a test on an empty store.
    func open(_ test: (any ObjectStore) async throws -> Void) async throws {
        let opened = try await make()
        defer { extendLifetime(opened.owner) }
        try await test(opened.store)
    }
}

extension ObjectStore {
    /// Stores bytes under no condition.
    @discardableResult
    func put(_ key: String, _ text: String, condition: PutCondition = .always) async throws(StoreError) -> ETag {
        try await put(key, .bytes(Array(text.utf8)), condition: condition, modified: nil)
    }

    /// A whole small object.
    func read(_ key: String, ifMatch: ETag? = nil) async throws(StoreError) -> ObjectSlice {
        try await read(key, range: 0..<maxReadByteCount, ifMatch: ifMatch)
    }

    /// All keys, by pages of `limit`, bounded so that a store that repeats itself ends the test.
    func keys(prefix: String = "", after: String? = nil, limit: Int = 1000) async throws(StoreError) -> [String] {
        var keys: [String] = []
        var after = after
        for _ in 0..<10_000 {
            let page = try await list(prefix: prefix, after: after, limit: limit)
            keys += page.entries.map(\.key)
            if page.isComplete { return keys }
            after = page.entries.last?.key ?? after
        }
        throw .malformed(key: prefix, reason: "the listing never ends")
    }
}
