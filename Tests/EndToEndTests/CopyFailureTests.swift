import Foundation
import Testing

/// What befalls a copy: kills, strays, leftovers, full disks, readers that take their time.
@Suite struct CopyFailureTests {
    // F6, F10
    @Test func `a follower killed while the database grows goes on from where it was`() async throws {
        var delays = Delays()
        let scene = try Scene()
        _ = try scene.followOnce()
        for _ in 0..<8 {
            try sqlite(scene.app, "INSERT INTO t(n, body) SELECT 0, randomblob(3000) FROM t, (VALUES(1),(1),(1)) LIMIT 900")
            try scene.ship()
            let follower = try Running(Programs.fantail, ["follow", scene.log.path, scene.copy, "--poll-interval", "20ms"])
            try await Task.sleep(for: delays.next(5...120))
            follower.signal(SIGKILL)
            let (_, said) = follower.finish()
            #expect(!said.contains("restored") && !said.contains("right again"), "\(said)")
            try scene.expectSound()
        }
        let said = try scene.followOnce()
        #expect(!said.contains("restored") && !said.contains("right again"), "\(said)")
        try expectSame(scene.app, scene.copy)
    }

    // F3
    @Test func `ninety connections that hold the copy open keep neither the follower nor themselves waiting`() async throws {
        let scene = try Scene()
        let follower = try await scene.follow()
        let crowd = try workload("hold", scene.copy, "--connections", "90", "--stop-file", scene.scratch("stop"))
        #expect(try await eventually { crowd.output.contains("holding") })
        for _ in 0..<20 {
            try scene.change()
            try await scene.expectLive(follower)
        }
        // Newcomers see the newest state meanwhile.
        #expect(try sqlite(scene.copy, "SELECT max(n) FROM t") == "20")
        try write([], scene.scratch("stop"))
        let (status, said) = crowd.finish()
        #expect(status == 0, "\(said)")
        try scene.finish(follower)
    }

    // F7
    @Test func `a lost copy is made anew though its old -wal and -shm are there and in use`() async throws {
        let scene = try Scene()
        let follower = try await scene.follow()
        try scene.change()
        try await scene.expectLive(follower)
        let reader = try workload("hold", scene.copy, "--stop-file", scene.scratch("stop"))
        #expect(try await eventually { reader.output.contains("holding") })
        follower.signal(SIGKILL)
        _ = follower.finish()
        try FileManager.default.removeItem(atPath: scene.copy)
        try scene.change()
        let said = try scene.followOnce()
        #expect(said.contains("restored the copy"), "\(said)")
        try expectSame(scene.app, scene.copy)
        try write([], scene.scratch("stop"))
        #expect(reader.finish().status == 0)
        // And with leftovers of nobody.
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: scene.copy + suffix) }
        for suffix in ["-wal", "-shm", "-journal"] { try write(Array(repeating: 0x37, count: 40_000), scene.copy + suffix) }
        _ = try scene.followOnce()
        try expectSame(scene.app, scene.copy)
    }

    @Test(arguments: [["-wal"], ["-shm"], ["-wal", "-shm"], [""]])
    func `files of the copy that are deleted under the follower are noticed, and the copy is made right`(
        suffixes: [String]
    ) async throws {
        let scene = try Scene()
        let follower = try await scene.follow()
        for suffix in suffixes { try FileManager.default.removeItem(atPath: scene.copy + suffix) }
        #expect(try await eventually { follower.output.contains("rebuilding the copy") })
        try scene.change()
        try await scene.expectLive(follower)
        #expect(try sqlite(scene.copy, "SELECT max(n) FROM t") == "1")
        try scene.finish(follower)
    }

    // F8
    @Test func `a stray writer is refused while the follower runs, and undone if it did not`() async throws {
        let scene = try Scene()
        let follower = try await scene.follow()
        let refused = try run("sqlite3", scene.copy, "DELETE FROM t")
        #expect(refused.status != 0 && refused.output.contains("locked"), "\(refused.output)")
        try scene.change()
        try await scene.expectLive(follower)
        try scene.finish(follower)
        for stray in ["DELETE FROM t WHERE id % 3 = 0", "PRAGMA journal_mode=DELETE; CREATE TABLE stray(x)", "VACUUM"] {
            try sqlite(scene.copy, "\(stray); PRAGMA wal_checkpoint(TRUNCATE)")
            try scene.change()
            _ = try scene.followOnce()
            try expectSame(scene.app, scene.copy, stray)
        }
        try write(Array(repeating: 0x55, count: 70_000), scene.copy)
        _ = try scene.followOnce()
        try expectSame(scene.app, scene.copy, "no database")
    }

    // F9
    @Test func `a read transaction keeps its snapshot while a hundred others are applied`() async throws {
        let scene = try Scene()
        let primary = try Running(
            Programs.fantail, ["replicate", scene.app, scene.log.path, "--sync-interval", "10ms"])
        let follower = try await scene.follow()
        let reader = try workload("hold", scene.copy, "--stop-file", scene.scratch("stop"))
        #expect(try await eventually { reader.output.contains("holding") })
        let app = try workload("bank", scene.app, "--seconds", "200", "--pace", "200")
        #expect(try await eventually(within: 60) { try CopyStatus(scene.copy).txid > 100 })
        try write([], scene.scratch("stop"))
        let (status, report) = reader.finish()
        #expect(status == 0, "\(report)")
        // F12: the writer goes on, and still there is an end.
        let once = try Running(
            Programs.fantail, ["follow", scene.log.path, scene.scratch("other.db"), "--once"]).finish(within: 60)
        #expect(once.status == 0 && app.process.isRunning, "\(once.output)")
        for running in [app, primary] {
            running.signal(SIGTERM)
            #expect(running.finish().status == 0)
        }
        try await scene.expectLive(follower)
        try scene.finish(follower)
    }

    // F23: SQLite uses the page at 1 GiB for locks, never for content.
    @Test func `a database across 1 GiB is shipped, restored and followed`() throws {
        let scratch = try Scratch()
        let app = scratch("app.db")
        try sqlite(app, """
            PRAGMA page_size=65536; PRAGMA journal_mode=OFF; CREATE TABLE t(id INTEGER PRIMARY KEY, x BLOB);
            WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM c WHERE i<1075)
            INSERT INTO t(x) SELECT zeroblob(1000000) FROM c; PRAGMA journal_mode=WAL
            """)
        try fantail("replicate", app, scratch("log"), "--once")
        try fantail("follow", scratch("log"), scratch("copy.db"), "--once")
        // Around the page, and past the old end.
        try sqlite(app, "UPDATE t SET x=randomblob(900000) WHERE id IN (1,1065,1070,1074); INSERT INTO t(x) VALUES(randomblob(500000))")
        try fantail("replicate", app, scratch("log"), "--once")
        try fantail("follow", scratch("log"), scratch("copy.db"), "--once")
        try expectSame(app, scratch("copy.db"))
        try fantail("restore", scratch("log"), "-o", scratch("restored.db"))
        try expectSame(app, scratch("restored.db"))
    }

    @Test func `a follower stopped or killed while it makes the first copy leaves none, or a whole one`() async throws {
        let scene = try Scene(rows: 6000)
        let beside = scene.scratch(".copy.db-fantail/new.db.fantail-restore")
        for number in [SIGTERM, SIGKILL] {
            let follower = try Running(Programs.fantail, ["follow", scene.log.path, scene.copy])
            _ = try await eventually {
                FileManager.default.fileExists(atPath: beside) || FileManager.default.fileExists(atPath: scene.copy)
            }
            follower.signal(number)
            let (status, said) = follower.finish(within: 30)
            #expect(status == (number == SIGTERM ? 0 : number), "\(said)")
            if number == SIGTERM { #expect(!FileManager.default.fileExists(atPath: beside)) }
            if FileManager.default.fileExists(atPath: scene.copy) { try scene.expectSound() }
        }
        _ = try scene.followOnce()
        #expect(!FileManager.default.fileExists(atPath: beside))
        try expectSame(scene.app, scene.copy)
    }

    @Test(.enabled(if: geteuid() == 0, "mounts a file system of its own, which takes root"))
    func `a full disk is told, readers read on, and room is enough to go on`() async throws {
        let scratch = try Scratch()
        let disk = scratch("disk")
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        guard try run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk).status == 0 else {
            // Root of a container may not.
            print("no tmpfs can be mounted here: the full disk is not tested")
            return
        }
        defer { _ = try? run("umount", "-l", disk) }
        let scene = try Scene(copy: "\(disk)/copy.db")
        let follower = try await scene.follow()
        try sqlite(scene.app, "INSERT INTO t(n, body) SELECT 0, randomblob(3000) FROM t a, t b, t c LIMIT 1500")
        try scene.ship()
        try await scene.expect(follower, "stalled") { $0.txid == 1 && $0.reason?.contains("room") == true }
        #expect(try sqlite(scene.copy, "SELECT count(*) FROM t") == "20")
        try scene.expectSound()
        #expect(try run("mount", "-o", "remount,size=64m", disk).status == 0)
        try await scene.expectLive(follower)
        try scene.finish(follower)
    }
}
