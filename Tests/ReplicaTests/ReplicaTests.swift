import Foundation
import LTX
import ObjectStore
import Replica
import Testing

@Suite struct ReplicaTests {
    @Test func `A catalogue shows every level and only files of the log`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        var expected: [LogFile] = []
        for (level, min, max) in [(0, 2, 2), (0, 1, 1), (1, 1, 2), (9, 1, 2)] as [(Int, UInt64, UInt64)] {
            expected.append(try await log.add(level, min, max))
        }
        for key in ["ltx/0/README", "ltx/0/0000000000000003-0000000000000003.ltx.tmp", "lease"] {
            _ = try await log.store.put(key, .bytes([1]), condition: .always, modified: nil)
        }
        let catalogue = try await log.replica.catalogue()
        #expect(catalogue == Catalogue(expected))
        #expect(catalogue[.captured].map(\.name) == [LTXFileName(txid(1)), LTXFileName(txid(2))])
        #expect(try await log.replica.list(.snapshot) == [expected[3]])
        #expect(try await log.replica.head() == txid(2))
    }

    // F46
    @Test func `A level of ten thousand files is listed whole, in one request per thousand`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let level = log.directory.appendingPathComponent("ltx/0")
        try FileManager.default.createDirectory(at: level, withIntermediateDirectories: true)
        for number in 1...10_000 as ClosedRange<UInt64> {
            let path = level.appendingPathComponent(LTXFileName(txid(number)).description).path
            #expect(FileManager.default.createFile(atPath: path, contents: Data([1])))
        }
        #expect(try await log.replica.list(.captured).map(\.name.minTXID.rawValue) == Array(1...10_000))
        #expect(log.store.requests.counts.lists <= 11)
        #expect(log.store.requests.counts.gets == 0)
    }

    @Test func `A published file is there, with its time`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let bytes = try TestLog.encode(LTXFileName(txid(1)))
        try await log.replica.publish(
            .captured, LTXFileName(txid(1)), .bytes(bytes), timestampMilliseconds: 1_700_000_000_123)
        let file = try await log.replica.list(.captured).first
        #expect(file?.size == Int64(bytes.count))
        #expect(file?.modified.rawValue == 1_700_000_000_123)
    }

    @Test func `Publishing again what is there is success: an answer was lost`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let bytes = try TestLog.encode(LTXFileName(txid(1)))
        let path = log.directory.appendingPathComponent("local.ltx").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        for body in [.bytes(bytes), .bytes(bytes), .file(path: path)] as [ObjectBody] {
            try await log.replica.publish(.captured, LTXFileName(txid(1)), body, timestampMilliseconds: 5)
        }
    }

    @Test func `Another primary's file of the same TXID is left alone and fences us`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        let file = try await log.add(0, 1, 1, fill: 1)
        let ours = try TestLog.encode(file.name, fill: 2)
        await #expect(throws: ReplicaError.fenced(txid(1))) {
            try await log.replica.publish(.captured, file.name, .bytes(ours), timestampMilliseconds: 5)
        }
        let key = LogLayout.directory.key(.captured, file.name)
        let kept = try await log.store.read(key, range: 0..<1000, ifMatch: nil)
        #expect(try kept.bytes == TestLog.encode(file.name, fill: 1))
    }

    @Test(arguments: [-1, 1])
    func `A file that merely begins like ours fences us too`(longer: Int) async throws {
        let log = try TestLog()
        defer { log.remove() }
        let bytes = try TestLog.encode(LTXFileName(txid(1)))
        try await log.add(0, LTXFileName(txid(1)), longer < 0 ? bytes.dropLast() : bytes + [0])
        await #expect(throws: ReplicaError.fenced(txid(1))) {
            try await log.replica.publish(.captured, LTXFileName(txid(1)), .bytes(bytes), timestampMilliseconds: 5)
        }
    }

    @Test func `Of two primaries at one TXID exactly one wins`() async throws {
        let log = try TestLog()
        defer { log.remove() }
        for number in 1...20 as ClosedRange<UInt64> {
            let name = LTXFileName(txid(number))
            let wins = await withTaskGroup { group in
                for fill in 1...2 as ClosedRange<UInt8> {
                    group.addTask {
                        do {
                            let body = ObjectBody.bytes(try TestLog.encode(name, fill: fill))
                            try await log.replica.publish(.captured, name, body, timestampMilliseconds: 5)
                            return 1
                        } catch {
                            #expect(error as? ReplicaError == .fenced(txid(number)))
                            return 0
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(wins == 1)
        }
    }
}
