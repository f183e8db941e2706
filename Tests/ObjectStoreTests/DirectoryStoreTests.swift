import Files
import Foundation
import ObjectStore
import TestSupport
import Testing

struct DirectoryStoreTests {
    private let directory: TemporaryDirectory
    private let root: String
    private let store: DirectoryStore

    init() throws {
        directory = try TemporaryDirectory()
        root = directory.file("deep/store")
        store = DirectoryStore(root: root)
    }

    @Test func `tells a store that is not there from an object that is not there`() async throws {
        let missing = StoreError.rootMissing(store: "file://\(root)")
        await #expect(throws: missing) { try await store.read("a") }
        await #expect(throws: missing) { try await store.list(prefix: "", after: nil, limit: 1) }
        try await store.delete(["a"])
        #expect(try File.exists(root) == false)
        try await store.put("a", "1")
        await #expect(throws: StoreError.notFound(key: "b")) { try await store.read("b") }
    }

    @Test func `is named without the slashes at its end`() {
        #expect(DirectoryStore(root: "/a/b//").description == "file:///a/b")
        #expect(DirectoryStore(root: "/").root == "/")
    }

    @Test func `ignores what a killed writer left behind, and removes it when it is old`() async throws {
        try await store.put("ltx/0/a", "1")
        let leftover = "\(root)/ltx/0/.fantail-tmp-killed"
        try File.replace(leftover, with: [1, 2, 3])
        #expect(try await store.keys() == ["ltx/0/a"])

        try await store.put("ltx/0/b", "2")
        #expect(try File.exists(leftover), "too young: its writer may live")

        try await DirectoryStore(root: root, leftoverLifetime: .zero).put("ltx/0/c", "3")
        #expect(try File.exists(leftover) == false)
        #expect(try await store.keys() == ["ltx/0/a", "ltx/0/b", "ltx/0/c"])
    }

    @Test func `leaves no file under construction behind, whether a put succeeds or not`() async throws {
        try await store.put("a", "1")
        _ = try? await store.put("a", "2", condition: .ifAbsent)
        _ = try? await store.put("a", "2", condition: .ifMatch(ETag(rawValue: "other")))
        _ = try? await store.put("a", .file(path: "\(root)/none"), condition: .always, modified: nil)
        let names = try Directory.entries(root).map(\.name)
        #expect(names.filter { TemporaryFile.isTemporary(name: $0) } == [])
        #expect(try await store.read("a").bytes == Array("1".utf8))
    }

    @Test func `lists files only: no links, no pipes, no directories`() async throws {
        try await store.put("a", "1")
        try FileManager.default.createSymbolicLink(atPath: "\(root)/loop", withDestinationPath: root)
        try FileManager.default.createDirectory(atPath: "\(root)/empty", withIntermediateDirectories: false)
        #expect(unsafe mkfifo("\(root)/pipe", 0o600) == 0)
        #expect(try await store.keys() == ["a"])
    }

    @Test func `survives writers that are killed at any moment: each object is whole or not there`() async throws {
        for round in 0..<8 {
            await #expect(processExitsWith: .signal(SIGKILL)) { [root = root as String, round = round as Int] in
                let delay = UInt32.random(in: 1_000...60_000)
                DispatchQueue.global().async {
                    usleep(delay)
                    kill(getpid(), SIGKILL)
                }
                let store = DirectoryStore(root: root)
                for number in 0... {
                    let body = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 100_000)
                    _ = try await store.put("\(round)/\(number)", .bytes(body), condition: .ifAbsent, modified: nil)
                }
            }
        }
        let keys = try await store.keys()
        #expect(keys.count > 8)
        for key in keys {
            let number = try #require(Int(key.split(separator: "/")[1]))
            let slice = try await store.read(key)
            #expect(slice.bytes == [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 100_000), "\(key)")
        }
    }

    @Test func `says what is wrong with a root that is a file`() async throws {
        let path = directory.file("plain")
        try File.replace(path, with: [])
        let error = await #expect(throws: StoreError.self) { try await DirectoryStore(root: path).put("a", "1") }
        #expect(error?.description.contains("not a directory") == true)
        #expect(error?.isTransient == false)
    }

    @Test func `lists ten thousand objects by pages`() async throws {
        try Directory.create("\(root)/ltx/0")
        let keys = (0..<10_000).map { "ltx/0/" + String($0 + 100_000) }
        for key in keys { _ = try File("\(root)/\(key)", .createNew) }
        #expect(try await store.keys(prefix: "ltx/0/") == keys)
    }
}

struct DirectoryHomeTests {
    @Test func `does not make the root anew once it was there: its disk may only be away`() async throws {
        let directory = try TemporaryDirectory()
        let root = directory.file("store")
        let store = DirectoryStore(root: root)
        try await store.put("a", "1")
        try File.rename(root, to: directory.file("away"))
        let error = await #expect(throws: StoreError.self) { try await store.put("b", "2") }
        #expect(error?.isTransient == true)
        #expect(try File.exists(root) == false)
        try Directory.create(root)
        await #expect(throws: StoreError.self) { try await store.put("b", "2") }
        #expect(try Directory.entries(root).isEmpty)
        try File.rename(directory.file("away"), to: root)
        try await store.put("b", "2")
        #expect(try await store.keys() == ["a", "b"])
    }

    @Test func `leaves a temporary file alone while somebody writes it, however old it is`() async throws {
        let directory = try TemporaryDirectory()
        let root = directory.file("store")
        try Directory.create(root)
        let temporary = try TemporaryFile(in: root)
        try await DirectoryStore(root: root, leftoverLifetime: .zero).put("a", "1")
        #expect(try File.exists(temporary.file.path))
    }
}
