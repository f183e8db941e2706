import Foundation
import Testing

/// Both ways with the real Litestream: what it ships fantail follows and restores, what fantail ships it restores.
@Suite(.enabled(if: Programs.hasLitestream)) struct LitestreamTests {
    private static let calm = "repage,checkpoint,autocheckpoint"

    /// A checkpoint of the app's would wait for Litestream for the whole busy timeout, so it makes none.
    private func writer(_ scratch: Scratch, _ delays: inout Delays) throws -> Running {
        try workload(
            "writer", scratch("app.db"), "--seconds", "120", "--pace", "60", "--without", Self.calm,
            "--huge-pages", "300", "--seed", "\(delays.number(1...99999))")
    }

    /// Ends a writer in good order.
    private func stop(_ writer: Running) throws {
        writer.signal(SIGTERM)
        let (status, report) = writer.finish()
        #expect(status == 0, "\(report)")
    }

    // F2: its level-1 files begin before where the follower stands.
    @Test func `a copy follows Litestream across its compactions, also from a file that is gone`() async throws {
        var delays = Delays()
        let scratch = try Scratch()
        let litestream = try Litestream(scratch)
        let log = LogFiles(path: scratch("log"))
        let app = try writer(scratch, &delays)
        #expect(try await eventually { FileManager.default.fileExists(atPath: scratch("app.db")) })
        let source = try litestream.replicate()
        #expect(try await eventually { log.head > 2 })
        let follower = try Running(
            Programs.fantail, ["follow", scratch("log"), scratch("copy.db"), "--poll-interval", "30ms"])
        // Past the first compacted file, which holds everything.
        #expect(try await eventually { log.names(1).count > 1 })
        var rounds = 0
        while rounds < 4 {
            try fantail("follow", scratch("log"), scratch("late.db"), "--once")
            let next = try CopyStatus(scratch("late.db")).txid + 1
            // Until it is behind, and level 0 does not hold what comes next.
            _ = try await eventually {
                log.head >= next && !FileManager.default.fileExists(atPath: log.captured(next))
            }
            let said = try fantail("follow", scratch("log"), scratch("late.db"), "--once")
            #expect(!said.contains("rebuilding") && !said.contains("made the copy right"), "\(said)")
            rounds += 1
        }
        try stop(app)
        litestream.stop(source)
        let head = log.head
        #expect(try await eventually { try CopyStatus(scratch("copy.db")).txid == head })
        follower.signal(SIGTERM)
        let followed = follower.finish()
        #expect(followed.status == 0 && !followed.output.contains("rebuilding"), "\(followed.output)")
        try fantail("follow", scratch("log"), scratch("late.db"), "--once")
        try fantail("restore", scratch("log"), "-o", scratch("restored.db"))
        for copy in ["copy.db", "late.db", "restored.db"] { try expectSame(scratch("app.db"), scratch(copy)) }
        try expectSameAtSomeTXIDs(scratch, litestream, log)
    }

    @Test func `a copy that Litestream's retention left behind begins again from its snapshot`() async throws {
        var delays = Delays()
        let scratch = try Scratch()
        let litestream = try Litestream(scratch, snapshot: "2s")
        let log = LogFiles(path: scratch("log"))
        let app = try writer(scratch, &delays)
        #expect(try await eventually { FileManager.default.fileExists(atPath: scratch("app.db")) })
        let source = try litestream.replicate()
        #expect(try await eventually { log.head > 2 })
        try fantail("follow", scratch("log"), scratch("late.db"), "--once")
        let next = try CopyStatus(scratch("late.db")).txid + 1
        // A snapshot past every file that holds what comes next, of which no level will make another.
        #expect(try await eventually(within: 30) {
            guard let snapshot = log.names(9).last, log.names(2).contains(where: { $0.upperBound >= next }) else { return false }
            return (0...8).allSatisfy { level in
                log.names(level).allSatisfy { !$0.contains(next) || $0.upperBound < snapshot.upperBound }
            }
        })
        try stop(app)
        litestream.stop(source)
        // Its retention takes a few of its snapshots' times to get there.
        let snapshot = try #require(log.names(9).last)
        for level in 0...8 {
            for name in log.names(level) where name.upperBound <= snapshot.upperBound {
                try FileManager.default.removeItem(atPath: log.file(level, name))
            }
        }
        let said = try fantail("follow", scratch("log"), scratch("late.db"), "--once")
        #expect(said.contains("made the copy right"), "\(said)")
        try expectSame(scratch("app.db"), scratch("late.db"))
    }

    /// Restores by both programs at the last TXIDs of some files, and compares.
    private func expectSameAtSomeTXIDs(_ scratch: Scratch, _ litestream: Litestream, _ log: LogFiles) throws {
        let txids = Set((0...9).flatMap { log.names($0).map(\.upperBound) }).sorted()
        var compared = 0
        for index in stride(from: 0, to: txids.count, by: max(txids.count / 6, 1)) {
            let txid = txids[index]
            let theirs = try litestream.restore(to: scratch("theirs-\(txid).db"), "-txid", hex(txid))
            // Its compactions leave some out, and both say so.
            guard theirs.status == 0 else {
                #expect(theirs.output.contains("no matching backup"), "\(theirs.output)")
                let ours = try run(
                    Programs.fantail, "restore", scratch("log"), "-o", scratch("none.db"), "--txid", hex(txid))
                #expect(ours.status == 1 && ours.output.contains("compacted"), "\(ours.output)")
                continue
            }
            compared += 1
            try fantail("restore", scratch("log"), "-o", scratch("ours-\(txid).db"), "--txid", hex(txid))
            let same = try run("cmp", scratch("theirs-\(txid).db"), scratch("ours-\(txid).db"))
            #expect(same.status == 0, "TXID \(txid): \(same.output)")
        }
        #expect(compared > 1)
    }

    @Test func `Litestream restores what fantail shipped, at any TXID, after VACUUM, a shrink and another page size`() async throws {
        var delays = Delays()
        let scratch = try Scratch()
        let litestream = try Litestream(scratch)
        let log = LogFiles(path: scratch("log"))
        func replicate() throws -> Running {
            try Running(Programs.fantail, ["replicate", scratch("app.db"), scratch("log"), "--sync-interval", "50ms"])
        }
        func write(_ seconds: Int) throws {
            let fantail = try replicate()
            let (status, report) = try workload(
                "writer", scratch("app.db"), "--seconds", "\(seconds)", "--pace", "200", "--huge-pages", "300", "--seed", "\(delays.number(1...99999))").finish()
            #expect(status == 0, "\(report)")
            fantail.signal(SIGTERM)
            let (ended, said) = fantail.finish()
            #expect(ended == 0, "\(said)")
        }
        func expectRestored(_ name: String) throws {
            let theirs = try litestream.restore(to: scratch("theirs-\(name).db"))
            #expect(theirs.status == 0, "\(name): \(theirs.output)")
            try fantail("restore", scratch("log"), "-o", scratch("ours-\(name).db"))
            for who in ["theirs", "ours"] { try expectSame(scratch("app.db"), scratch("\(who)-\(name).db"), name) }
        }
        try write(2)
        try expectRestored("written")
        try sqlite(scratch("app.db"), "DELETE FROM blobs; DELETE FROM items WHERE id % 3 > 0; VACUUM")
        try write(1)
        try expectRestored("shrunk")
        try sqlite(scratch("app.db"), "PRAGMA journal_mode=DELETE; PRAGMA page_size=16384; VACUUM; PRAGMA journal_mode=WAL")
        try fantail("replicate", scratch("app.db"), scratch("log"), "--once")
        #expect(log.names(9).last?.upperBound == log.head)
        try expectRestored("repaged")
        try write(1)
        try expectRestored("after")
        try expectSameAtSomeTXIDs(scratch, litestream, log)

        let following = try litestream.followingRestore(to: scratch("following.db"))
        #expect(try await eventually { FileManager.default.fileExists(atPath: scratch("following.db")) })
        #expect(try await eventually {
            try run("sqlite3", "-readonly", scratch("following.db"), "SELECT count(*) > 0 FROM marker").output == "1\n"
        })
        following.signal(SIGTERM)
        _ = following.finish()
    }

    @Test func `fantail goes on with a log that Litestream began`() async throws {
        var delays = Delays()
        let scratch = try Scratch()
        let litestream = try Litestream(scratch)
        let log = LogFiles(path: scratch("log"))
        let source = try litestream.replicate()
        let before = try writer(scratch, &delays)
        #expect(try await eventually { log.names(1).count > 1 })
        try stop(before)
        litestream.stop(source)
        try fantail("follow", scratch("log"), scratch("copy.db"), "--once")
        try expectSame(scratch("app.db"), scratch("copy.db"), "before")
        let head = log.head

        let primary = try Running(
            Programs.fantail, ["replicate", scratch("app.db"), scratch("log"), "--sync-interval", "50ms"])
        let after = try writer(scratch, &delays)
        #expect(try await eventually { log.head > head + 5 })
        try stop(after)
        primary.signal(SIGTERM)
        #expect(primary.finish().status == 0)
        try fantail("follow", scratch("log"), scratch("copy.db"), "--once")
        let theirs = try litestream.restore(to: scratch("theirs.db"))
        #expect(theirs.status == 0, "\(theirs.output)")
        try fantail("restore", scratch("log"), "-o", scratch("ours.db"))
        for copy in ["copy.db", "theirs.db", "ours.db"] { try expectSame(scratch("app.db"), scratch(copy)) }
    }

    @Test func `Litestream goes on with a log that fantail began, and a follower with it`() async throws {
        var delays = Delays()
        let scratch = try Scratch()
        let litestream = try Litestream(scratch)
        let log = LogFiles(path: scratch("log"))
        let primary = try Running(
            Programs.fantail, ["replicate", scratch("app.db"), scratch("log"), "--sync-interval", "50ms"])
        let follower = try Running(
            Programs.fantail, ["follow", scratch("log"), scratch("copy.db"), "--poll-interval", "50ms"])
        let before = try writer(scratch, &delays)
        #expect(try await eventually { log.head > 5 })
        try stop(before)
        primary.signal(SIGTERM)
        #expect(primary.finish().status == 0)
        let head = log.head

        let source = try litestream.replicate()
        let after = try writer(scratch, &delays)
        #expect(try await eventually { log.head > head + 5 && !log.names(1).isEmpty })
        try stop(after)
        litestream.stop(source)
        let last = log.head
        #expect(try await eventually(within: 30) { try CopyStatus(scratch("copy.db")).txid == last })
        follower.signal(SIGTERM)
        let (status, said) = follower.finish()
        #expect(status == 0, "\(said)")
        let theirs = try litestream.restore(to: scratch("theirs.db"))
        #expect(theirs.status == 0, "\(theirs.output)")
        try fantail("restore", scratch("log"), "-o", scratch("ours.db"))
        for copy in ["copy.db", "theirs.db", "ours.db"] { try expectSame(scratch("app.db"), scratch(copy), said) }
    }
}
