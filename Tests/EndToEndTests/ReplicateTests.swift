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

    @Test(arguments: [UInt32.random(in: 1...1_000_000)])
    func `no commit is lost and no full image shipped when the primary is killed again and again`(seed: UInt32) async throws {
        print("seed \(seed)")
        let scratch = try Scratch()
        _ = try workload("fill", scratch("app.db"), "--megabytes", "2").finish()
        let app = try workload(
            "writer", scratch("app.db"), "--seconds", "12", "--seed", "\(seed)", "--journal", scratch("journal"))
        for round in 0..<30 {
            let fantail = try Running(
                Programs.fantail, ["replicate", scratch("app.db"), scratch("log"), "--sync-interval", "50ms"])
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...350)))
            fantail.signal(round % 4 == 3 ? SIGTERM : SIGKILL)
            _ = fantail.finish()
        }
        let (status, report) = app.finish()
        #expect(status == 0, "\(report)")
        #expect(try run(Programs.fantail, "replicate", scratch("app.db"), scratch("log"), "--once").status == 0)
        #expect(try run(Programs.fantail, "restore", scratch("log"), "-o", scratch("out.db")).status == 0)
        let compared = try workload("compare", scratch("app.db"), scratch("out.db")).finish()
        #expect(compared.status == 0, "\(compared.output)")
        let checked = try workload("check", scratch("out.db"), "--journal", scratch("journal")).finish()
        #expect(checked.status == 0, "\(checked.output)")
    }

    @Test func `stock readers see one sum and never the past while the follower is killed again and again`() async throws {
        let scratch = try Scratch()
        let bank = try workload("bank", scratch("app.db"), "--seconds", "14", "--pace", "300")
        #expect(try await eventually { FileManager.default.fileExists(atPath: scratch("app.db")) })
        let primary = try Running(
            Programs.fantail, ["replicate", scratch("app.db"), scratch("log"), "--sync-interval", "20ms"])
        func follow() throws -> Running {
            try Running(Programs.fantail, ["follow", scratch("log"), scratch("copy.db"), "--poll-interval", "10ms"])
        }
        var follower = try follow()
        #expect(try await eventually { FileManager.default.fileExists(atPath: scratch("copy.db")) })
        let readers = [
            try workload("bank_reader", scratch("copy.db"), "--seconds", "9"),
            try workload("bank_reader", scratch("copy.db"), "--seconds", "9", "--reopen"),
            try workload("bank_reader", scratch("copy.db"), "--seconds", "9", "--hold", "2", "--hold-every", "20"),
        ]
        for _ in 0..<30 {
            try await Task.sleep(for: .milliseconds(Int.random(in: 10...350)))
            follower.signal(SIGKILL)
            _ = follower.finish()
            follower = try follow()
        }
        for reader in readers {
            let (status, report) = reader.finish()
            #expect(status == 0, "\(report)")
        }
        #expect(bank.finish().status == 0)
        primary.signal(SIGTERM)
        #expect(primary.finish().status == 0)
        follower.signal(SIGTERM)
        #expect(follower.finish().status == 0)
        #expect(try run(Programs.fantail, "follow", scratch("log"), scratch("copy.db"), "--once").status == 0)
        let compared = try workload("compare", scratch("app.db"), scratch("copy.db")).finish()
        #expect(compared.status == 0, "\(compared.output)")
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
