import Foundation
import Testing

/// Real processes: the binary, Python applications with stock SQLite, the real Litestream.
@Suite(.serialized) struct ReplicateTests {
    @Test(.enabled(if: Programs.hasLitestream), arguments: [UInt32.random(in: 1...1_000_000)])
    func `litestream restores what a random workload left, byte for byte`(seed: UInt32) throws {
        print("seed \(seed)")
        let scratch = try Scratch()
        let litestream = try #require(Programs.litestream)
        _ = try workload("fill", scratch("app.db"), "--megabytes", "4").finish()
        let fantail = try Running(
            Programs.fantail, ["replicate", scratch("app.db"), scratch("log"), "--sync-interval", "100ms"])
        let app = try workload("writer", scratch("app.db"), "--seconds", "5", "--processes", "2", "--seed", "\(seed)")
        let (status, report) = app.finish()
        #expect(status == 0, "\(report)")
        fantail.signal(SIGTERM)
        #expect(fantail.finish().status == 0)
        #expect(try run(litestream, "restore", "-o", scratch("theirs.db"), "file://\(scratch("log"))").status == 0)
        #expect(try run(Programs.fantail, "restore", scratch("log"), "-o", scratch("ours.db")).status == 0)
        for restored in ["theirs.db", "ours.db"] {
            let compared = try workload("compare", scratch("app.db"), scratch(restored)).finish()
            #expect(compared.status == 0, "\(restored): \(compared.output)")
        }
    }

    @Test func `of two primaries on one log one is fenced and nothing is overwritten`() async throws {
        let scratch = try Scratch()
        for name in ["a.db", "b.db"] { _ = try workload("fill", scratch(name), "--megabytes", "1").finish() }
        let first = try Running(Programs.fantail, ["replicate", scratch("a.db"), scratch("log"), "--sync-interval", "50ms"])
        #expect(try await eventually {
            FileManager.default.fileExists(atPath: scratch("log/ltx/0/0000000000000001-0000000000000001.ltx"))
        })
        #expect(try run(Programs.fantail, "replicate", scratch("b.db"), scratch("log"), "--once").status == 0)
        _ = try workload("rate", scratch("a.db"), "--count", "10").finish()
        #expect(first.finish().status == 1)
        #expect(try run(Programs.fantail, "restore", scratch("log"), "-o", scratch("out.db")).status == 0)
        #expect(try workload("compare", scratch("b.db"), scratch("out.db")).finish().status == 0)
    }

    @Test func `--exec hands on the app's status after shipping the rest`() throws {
        let scratch = try Scratch()
        let app = "sqlite3 \(scratch("app.db")) 'PRAGMA journal_mode=WAL; CREATE TABLE t(x)'; exit 7"
        let result = try run(
            Programs.fantail, "replicate", scratch("app.db"), scratch("log"), "--exec", app)
        #expect(result.status == 7)
    }
}
