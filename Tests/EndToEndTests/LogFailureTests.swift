import Foundation
import Testing

/// What a follower makes of a log that is not as it should be. It never ends, says what is wrong, keeps its copy
/// readable, and goes on by itself once that is put right.
@Suite struct LogFailureTests {
    // F1
    @Test func `a lost file is told at once, and its return is enough`() async throws {
        let scene = try Scene()
        let follower = try await scene.follow()
        var lost: [UInt8] = []
        try scene.unseen(by: follower) {
            try scene.change()
            try scene.change()
            try scene.change()
            lost = try bytes(scene.log.captured(2))
            try FileManager.default.removeItem(atPath: scene.log.captured(2))
        }
        try await scene.expect(follower, "stalled") { $0.txid == 1 && $0.reason?.contains("\(hex(2)) is in no file") == true }
        try scene.expectSound()
        let once = try run(Programs.fantail, "follow", scene.log.path, scene.scratch("other.db"), "--once")
        #expect(once.status == 1 && once.output.contains("is in no file"), "\(once.output)")
        try write(lost, scene.log.captured(2))
        try await scene.expectLive(follower)
        #expect(!follower.output.contains("made the copy right"))
        try scene.finish(follower)
    }

    // F1, F22
    @Test func `a snapshot leads on from a lost file, and to another page size`() async throws {
        let scene = try Scene()
        let follower = try await scene.follow()
        let reader = try workload("hold", scene.copy, "--stop-file", scene.scratch("stop"))
        #expect(try await eventually { reader.output.contains("holding") })
        try scene.unseen(by: follower) {
            try scene.change()
            try scene.change()
            try FileManager.default.removeItem(atPath: scene.log.captured(2))
        }
        try await scene.expect(follower, "stalled")
        try sqlite(scene.app, "PRAGMA journal_mode=DELETE; PRAGMA page_size=16384; VACUUM; PRAGMA journal_mode=WAL")
        try scene.ship()
        try await scene.expectLive(follower)
        #expect(try sqlite(scene.copy, "PRAGMA page_size") == "16384")
        // Whoever has the old file open goes on reading the state that it had, and it is whole.
        try write([], scene.scratch("stop"))
        let (status, report) = reader.finish()
        #expect(status == 0, "\(report)")
        try scene.change()
        try await scene.expectLive(follower)
        try scene.finish(follower)
    }

    // F5, F33: a store that is not atomic shows a file before it is whole.
    @Test(arguments: ["header", "page", "checksum", "half", "empty", "foreign"])
    func `no byte of a damaged file is applied, and the file put right is`(damage: String) async throws {
        let scene = try Scene()
        let follower = try await scene.follow()
        var whole: [UInt8] = []
        try scene.unseen(by: follower) {
            let txid = try scene.change(12)
            whole = try bytes(scene.log.captured(txid))
            var damaged = whole
            switch damage {
            case "header": damaged[20] ^= 1
            case "page": damaged[whole.count / 2] ^= 1
            case "checksum": damaged[whole.count - 1] ^= 1
            case "half": damaged.removeLast(whole.count / 2)
            case "empty": damaged = []
            default: damaged = try bytes(scene.log.captured(1))
            }
            try write(damaged, scene.log.captured(txid))
        }
        if damage == "empty" {
            // Not there yet, as far as a listing tells; the file itself says that it is not whole.
            try await scene.expect(follower, "stalled") { $0.txid == 1 }
        } else {
            try await scene.expect(follower, "stalled") { $0.txid == 1 && $0.reason?.contains(hex(2)) == true }
        }
        try scene.expectSound()
        let once = try Running(Programs.fantail, ["follow", scene.log.path, scene.scratch("o.db"), "--once"]).finish(within: 30)
        #expect(once.status == 1 || damage == "empty", "\(once.output)")
        try write(whole, scene.log.captured(2))
        try await scene.expectLive(follower)
        try scene.finish(follower)
    }

    @Test func `a log that is gone or out of reach for a while is waited for`() async throws {
        let scene = try Scene()
        let follower = try await scene.follow()
        try FileManager.default.moveItem(atPath: scene.log.path, toPath: scene.scratch("aside"))
        try await scene.expect(follower, "stalled") { $0.txid == 1 && $0.reason?.contains("does not exist") == true }
        // The same for whatever the store refuses.
        try write([1], scene.log.path)
        try await scene.expect(follower, "stalled") { $0.reason?.contains("access") == true }
        try scene.expectSound()
        try FileManager.default.removeItem(atPath: scene.log.path)
        try FileManager.default.moveItem(atPath: scene.scratch("aside"), toPath: scene.log.path)
        try scene.change()
        try await scene.expectLive(follower)
        try scene.finish(follower)
    }

    // F13
    @Test func `a follower of an empty log says that there is no copy`() async throws {
        let scene = try Scene()
        try FileManager.default.moveItem(atPath: scene.log.path, toPath: scene.scratch("aside"))
        let follower = try Running(Programs.fantail, ["follow", scene.log.path, scene.copy, "--poll-interval", "20ms"])
        try await scene.expect(follower, "stalled") { $0.position == nil && $0.reason != nil }
        #expect(!FileManager.default.fileExists(atPath: scene.copy))
        let once = try run(Programs.fantail, "follow", scene.log.path, scene.scratch("other.db"), "--once")
        #expect(once.status == 1, "\(once.output)")
        try FileManager.default.moveItem(atPath: scene.scratch("aside"), toPath: scene.log.path)
        try await scene.expectLive(follower)
        try scene.finish(follower)
    }

    @Test func `a log that was wiped and begun anew is followed from its beginning`() async throws {
        let scene = try Scene()
        for _ in 0..<4 { try scene.change() }
        let follower = try await scene.follow()
        // An epoch is a second long.
        let begin = Date.now
        #expect(try await eventually { Date.now.timeIntervalSince(begin) > 1.1 })
        try FileManager.default.removeItem(atPath: scene.log.path)
        try await scene.expect(follower, "stalled")
        try scene.change()
        #expect(scene.log.head == 1)
        try await scene.expectLive(follower)
        #expect(follower.output.contains("begun anew"))
        try scene.change()
        try await scene.expectLive(follower)
        try scene.finish(follower)
    }

    @Test func `a log that lost its end is told, and is not taken for a new one`() async throws {
        let scene = try Scene()
        for _ in 0..<4 { try scene.change() }
        let follower = try await scene.follow()
        let lost = try bytes(scene.log.captured(5))
        try FileManager.default.removeItem(atPath: scene.log.captured(5))
        try await scene.expect(follower, "stalled") { $0.reason?.contains("before the \(hex(5))") == true }
        #expect(try CopyStatus(scene.copy).txid == 5)
        try write(lost, scene.log.captured(5))
        try await scene.expectLive(follower)
        try scene.finish(follower)
    }

    @Test(.enabled(if: Programs.hasLitestream)) func `a Litestream log that was wiped and begun anew is not mixed with the old one`() async throws {
        let scratch = try Scratch()
        let litestream = try Litestream(scratch)
        let log = LogFiles(path: scratch("log"))
        try sqlite(scratch("app.db"), "PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES(randomblob(9000))")
        func ship(past txid: UInt64) async throws {
            let source = try litestream.replicate()
            while log.head <= txid {
                let head = log.head
                try sqlite(scratch("app.db"), "INSERT INTO t VALUES(randomblob(9000))")
                #expect(try await eventually { log.head > head })
            }
            litestream.stop(source)
        }
        try await ship(past: 3)
        try fantail("follow", log.path, scratch("copy.db"), "--once")
        // Longer than the copy's when the follower comes back, so that the next file has the name that it waits for.
        try FileManager.default.removeItem(atPath: log.path)
        try FileManager.default.removeItem(atPath: scratch(".app.db-litestream"))
        try sqlite(scratch("app.db"), "DELETE FROM t; INSERT INTO t VALUES('another history'); PRAGMA wal_checkpoint(TRUNCATE)")
        try await ship(past: 6)
        let said = try fantail("follow", log.path, scratch("copy.db"), "--once")
        try expectSame(scratch("app.db"), scratch("copy.db"), said)
    }
}
