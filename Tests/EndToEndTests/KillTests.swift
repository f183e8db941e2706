import Foundation
import Testing

/// kill -9 at random points, again and again: on the primary's side, on the follower's, on both at once.
@Suite(.serialized) struct KillTests {
    @Test func `no commit is lost when the primary is killed again and again`() async throws {
        var delays = Delays()
        let scratch = try Scratch()
        _ = try workload("fill", scratch("app.db"), "--megabytes", "2").finish()
        let app = try workload(
            "writer", scratch("app.db"), "--seconds", "200", "--seed", "\(delays.number(1...99999))",
            "--journal", scratch("journal"), "--stop-file", scratch("stop"), "--pace", "400")
        // The first few while the first image is on its way, the rest wherever it hits.
        for round in 0..<115 {
            let fantail = try Running(
                Programs.fantail, ["replicate", scratch("app.db"), scratch("log"), "--sync-interval", "20ms"])
            try await Task.sleep(for: round < 15 ? delays.next(1...40) : delays.next(5...180))
            fantail.signal(round % 8 == 7 ? SIGTERM : SIGKILL)
            _ = fantail.finish()
        }
        try Data().write(to: URL(filePath: scratch("stop")))
        let (status, report) = app.finish()
        #expect(status == 0, "\(report)")
        let last = try run(Programs.fantail, "replicate", scratch("app.db"), scratch("log"), "--once")
        #expect(last.status == 0, "\(last.output)")
        #expect(try run(Programs.fantail, "restore", scratch("log"), "-o", scratch("out.db")).status == 0)
        let compared = try workload("compare", scratch("app.db"), scratch("out.db")).finish()
        #expect(compared.status == 0, "\(compared.output)")
        let checked = try workload("check", scratch("out.db"), "--journal", scratch("journal")).finish()
        #expect(checked.status == 0, "\(checked.output)")
        let verified = try run(Programs.fantail, "verify", scratch("log"))
        #expect(verified.status == 0, "\(verified.output)")
    }

    @Test func `stock readers see one sum and never the past while the follower is killed again and again`() async throws {
        var delays = Delays()
        let scratch = try Scratch()
        let bank = try workload(
            "bank", scratch("app.db"), "--seconds", "200", "--pace", "300", "--stop-file", scratch("stop"))
        #expect(try await eventually { FileManager.default.fileExists(atPath: scratch("app.db")) })
        let primary = try Running(
            Programs.fantail, ["replicate", scratch("app.db"), scratch("log"), "--sync-interval", "20ms"])
        #expect(try await eventually {
            FileManager.default.fileExists(atPath: scratch("log/ltx/0/0000000000000001-0000000000000001.ltx"))
        })
        func follow() throws -> Running {
            try Running(Programs.fantail, ["follow", scratch("log"), scratch("copy.db"), "--poll-interval", "10ms"])
        }
        // While the first copy is made: what is left must be nothing, or a copy that opens.
        for _ in 0..<20 {
            let follower = try follow()
            try await Task.sleep(for: delays.next(1...30))
            follower.signal(SIGKILL)
            _ = follower.finish()
        }
        var follower = try follow()
        #expect(try await eventually { FileManager.default.fileExists(atPath: scratch("copy.db")) })
        let common = [scratch("copy.db"), "--seconds", "200", "--stop-file", scratch("stop-reading")]
        let readers = try [
            [], ["--reopen"], ["--hold", "2", "--hold-every", "20"], ["--integrity-every", "50", "--pause", "0.01"],
        ].map { try Running("python3", ["\(Programs.workloads)/bank_reader.py"] + common + $0) }
        // Whoever opens a database alone after a crash recovers it, and keeps others out for that moment, as in any
        // SQLite. So there is always somebody: the readers that stay come before the first kill, and go after the
        // last follower has come.
        #expect(try await eventually(within: 30) { [readers[0], readers[2], readers[3]].allSatisfy { $0.hasOpen("copy.db-shm") } })
        for _ in 0..<95 {
            try await Task.sleep(for: delays.next(5...180))
            follower.signal(SIGKILL)
            _ = follower.finish()
            follower = try follow()
        }
        #expect(try await eventually(within: 30) { follower.hasOpen("copy.db-shm") })
        try Data().write(to: URL(filePath: scratch("stop-reading")))
        for reader in readers {
            let (status, report) = reader.finish()
            #expect(status == 0, "\(report)")
        }
        try Data().write(to: URL(filePath: scratch("stop")))
        #expect(bank.finish().status == 0)
        primary.signal(SIGTERM)
        #expect(primary.finish().status == 0)
        follower.signal(SIGTERM)
        #expect(follower.finish().status == 0)
        #expect(try run(Programs.fantail, "follow", scratch("log"), scratch("copy.db"), "--once").status == 0)
        let compared = try workload("compare", scratch("app.db"), scratch("copy.db")).finish()
        #expect(compared.status == 0, "\(compared.output)")
    }
}
