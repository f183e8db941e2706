import Files
import ObjectStore
import TestSupport
import Testing

/// What every back end must do, whatever it is made of.
struct StoreConformanceTests {
    // MARK: Reading back

    @Test(arguments: StoreUnderTest.all)
    func `gives back what was put`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            let etag = try await store.put("ltx/0/a.ltx", "hello")
            let slice = try await store.read("ltx/0/a.ltx")
            #expect(slice.bytes == Array("hello".utf8))
            #expect(slice.totalSize == 5)
            #expect(slice.etag == etag)
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `keeps an empty object`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            try await store.put("empty", "")
            let slice = try await store.read("empty")
            #expect(slice.bytes.isEmpty && slice.totalSize == 0)
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `keeps the time that it is given`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            let time = ObjectTime(rawValue: 1_700_000_000_123)
            for (key, condition) in [("a", PutCondition.always), ("b", .ifAbsent)] {
                _ = try await store.put(key, .bytes([1]), condition: condition, modified: time)
                #expect(try await store.read(key).modified == time)
            }
            #expect(try await store.list(prefix: "", after: nil, limit: 10).entries.map(\.modified) == [time, time])
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `reads ranges, cut off at the end`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            try await store.put("key", "0123456789")
            let cases: [(Range<Int64>, String)] = [
                (0..<1, "0"), (3..<7, "3456"), (9..<10, "9"), (8..<100, "89"), (10..<20, ""), (50..<60, ""), (4..<4, ""),
            ]
            for (range, expected) in cases {
                let slice = try await store.read("key", range: range, ifMatch: nil)
                #expect(slice.bytes == Array(expected.utf8), "\(range)")
                #expect(slice.totalSize == 10)
            }
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `streams a big object from a file, byte for byte`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            let directory = try TemporaryDirectory()
            // 19 MB, so that it takes three reads; no two stretches of it alike.
            let bytes = (0..<19_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 11) }
            try File.replace(directory.file("source"), with: bytes)
            _ = try await store.put("big", .file(path: directory.file("source")), condition: .ifAbsent, modified: nil)
            var read: [UInt8] = []
            while true {
                let from = Int64(read.count)
                let slice = try await store.read("big", range: from..<from + maxReadByteCount, ifMatch: nil)
                if slice.bytes.isEmpty { break }
                read += slice.bytes
            }
            #expect(read == bytes)
        }
    }

    // MARK: What is not there

    @Test(arguments: StoreUnderTest.all)
    func `says that a missing object is missing`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            try await store.put("a/b", "x")
            for key in ["a/c", "c", "a", "a/b.c"] {
                await #expect(throws: StoreError.notFound(key: key)) { try await store.read(key) }
            }
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `deletes, and counts what is not there as deleted`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            for key in ["a/1", "a/2", "b"] { try await store.put(key, key) }
            try await store.delete(["a/1", "b", "never/was"])
            #expect(try await store.keys() == ["a/2"])
            try await store.delete([])
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `refuses keys that could lead elsewhere`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            let keys = [
                "", "/", "/etc/passwd", "..", "../x", "a/../../x", "a/..", ".", "./a", "a//b", "a/", "a\u{0}b", "a\nb",
                ".fantail-lock", "a/.fantail-tmp-1", String(repeating: "x", count: 256),
                String(repeating: "x/", count: 600) + "x",
            ]
            for key in keys {
                await #expect("\(key)") { try await store.put(key, "x") } throws: { isInvalidKey($0) }
                await #expect("\(key)") { try await store.read(key) } throws: { isInvalidKey($0) }
                await #expect("\(key)") { try await store.delete([key]) } throws: { isInvalidKey($0) }
            }
            try await store.put("after", "all")
            #expect(try await store.keys() == ["after"])
        }
    }

    // MARK: Conditions

    @Test(arguments: StoreUnderTest.all)
    func `replaces an object, and its version with it`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            var versions: Set<ETag> = []
            for round in 0..<20 {
                // The same size and the same time: only the content differs.
                let body = ObjectBody.bytes([UInt8(round)])
                versions.insert(
                    try await store.put("key", body, condition: .always, modified: ObjectTime(rawValue: 1_000)))
                #expect(try await store.read("key").bytes == [UInt8(round)])
            }
            #expect(versions.count == 20)
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `refuses to create what exists`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            let etag = try await store.put("key", "first", condition: .ifAbsent)
            await #expect(throws: StoreError.preconditionFailed(key: "key")) {
                try await store.put("key", "second", condition: .ifAbsent)
            }
            let slice = try await store.read("key")
            #expect(slice.bytes == Array("first".utf8) && slice.etag == etag)
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `replaces under a condition only the version that is named`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            let first = try await store.put("key", "1")
            let second = try await store.put("key", "2", condition: .ifMatch(first))
            await #expect(throws: StoreError.preconditionFailed(key: "key")) {
                try await store.put("key", "3", condition: .ifMatch(first))
            }
            await #expect(throws: StoreError.preconditionFailed(key: "other")) {
                try await store.put("other", "3", condition: .ifMatch(second))
            }
            #expect(try await store.read("key").bytes == Array("2".utf8))
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `reads under a condition only the version that is named`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            let first = try await store.put("key", "1")
            #expect(try await store.read("key", ifMatch: first).bytes == Array("1".utf8))
            try await store.put("key", "2")
            await #expect(throws: StoreError.preconditionFailed(key: "key")) {
                try await store.read("key", ifMatch: first)
            }
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `lets exactly one of sixteen create an object, every round`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            for round in 0..<12 {
                let winners = await race(16) { try await store.put("r/\(round)", "\($0)", condition: .ifAbsent) }
                #expect(winners.count == 1)
                let slice = try await store.read("r/\(round)")
                #expect(slice.bytes == Array("\(winners[0])".utf8))
            }
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `lets exactly one of sixteen replace a version, every round`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            var etag = try await store.put("lease", "free")
            for _ in 0..<12 {
                let seen = etag
                let winners = await race(16) { try await store.put("lease", "\($0)", condition: .ifMatch(seen)) }
                #expect(winners.count == 1)
                let slice = try await store.read("lease")
                #expect(slice.bytes == Array("\(winners[0])".utf8))
                etag = slice.etag
            }
        }
    }

    // MARK: Listing

    @Test(arguments: StoreUnderTest.all)
    func `lists in byte order, whatever the size of a page`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            // "-" and "." sort before "/", "0" after it: the order of names in a directory is not that of keys.
            let keys = ["a-", "a.b", "a/1", "a/10", "a/2", "a/b/c/d", "a/é", "a0", "B", "b", "é", "z/0001/0"]
            for key in keys.shuffled() { try await store.put(key, key) }
            let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for limit in 1...keys.count + 1 { #expect(try await store.keys(limit: limit) == sorted, "\(limit)") }
            for (index, key) in sorted.enumerated() {
                #expect(try await store.keys(after: key) == Array(sorted[(index + 1)...]))
                let between = key + "!"
                #expect(try await store.keys(after: between) == sorted.filter { isBefore(between, $0) })
            }
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `lists below a prefix, which may end within a name`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            let keys = ["ltx/0/01", "ltx/0/02", "ltx/0/11", "ltx/10/01", "other"]
            for key in keys { try await store.put(key, key) }
            for prefix in ["", "l", "ltx", "ltx/", "ltx/0", "ltx/0/", "ltx/0/0", "ltx/1", "ltx/0/02", "x", "/", "../"] {
                let below = keys.filter { $0.hasPrefix(prefix) }
                #expect(try await store.keys(prefix: prefix, limit: 2) == below, "\(prefix)")
            }
            #expect(try await store.keys(prefix: "ltx/0/", after: "ltx/0/01") == ["ltx/0/02", "ltx/0/11"])
        }
    }

    @Test(arguments: StoreUnderTest.all)
    func `tells sizes, and when the page is the last`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            for key in ["a", "bb", "ccc"] { try await store.put(key, key) }
            let first = try await store.list(prefix: "", after: nil, limit: 2)
            #expect(first.entries.map(\.size) == [1, 2] && !first.isComplete)
            #expect(try await store.list(prefix: "", after: nil, limit: 3).isComplete)
            #expect(try await store.list(prefix: "none", after: nil, limit: 3).isComplete)
        }
    }

    // MARK: Counting

    @Test(arguments: StoreUnderTest.all)
    func `counts its requests by kind`(_ backEnd: StoreUnderTest) async throws {
        try await backEnd.open { store in
            let before = store.requests.counts
            try await store.put("a", "1")
            _ = try await store.read("a")
            _ = try? await store.read("b")
            _ = try await store.list(prefix: "", after: nil, limit: 1)
            try await store.delete(["a"])
            let after = store.requests.counts
            #expect(after.puts - before.puts == 1)
            #expect(after.gets - before.gets == 2)
            #expect(after.misses - before.misses == 1)
            #expect(after.lists - before.lists == 1)
            #expect(after.deletes - before.deletes == 1)
        }
    }

    private func isBefore(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

    /// The numbers of those of `count` attempts, all under way at once, that were not turned down.
    private func race(_ count: Int, _ attempt: @escaping @Sendable (Int) async throws -> ETag) async -> [Int] {
        await withTaskGroup(of: Int?.self) { group in
            for number in 0..<count {
                group.addTask { @concurrent in
                    do {
                        _ = try await attempt(number)
                        return number
                    } catch StoreError.preconditionFailed {
                        return nil
                    } catch {
                        Issue.record(error)
                        return nil
                    }
                }
            }
            return await group.reduce(into: []) { winners, number in
                if let number { winners.append(number) }
            }
        }
    }
}

/// Whether it is any `.invalidKey`.
private func isInvalidKey(_ error: any Error) -> Bool {
    if case StoreError.invalidKey? = error as? StoreError { true } else { false }
}
