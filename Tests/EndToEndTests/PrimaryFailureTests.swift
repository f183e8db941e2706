import Foundation
import Testing

extension PrimaryEndToEnd {
    /// What the primary does when something beneath it fails: the disk, the store, itself.
    @Suite(.serialized) struct PrimaryFailureTests {
        private let primary: PrimaryUnderTest
        private let files = FileManager.default

        init() throws { primary = try PrimaryUnderTest() }

        private func makeDatabase() throws {
            try primary.sql("PRAGMA journal_mode = WAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, body)", "INSERT INTO t(body) VALUES ('first')")
        }

        private static let canMount: Bool = {
            if let scratch = try? Scratch(), (try? run("mount", "-t", "tmpfs", "tmpfs", scratch.path))?.status == 0,
                (try? run("umount", scratch.path))?.status == 0
            { return true }
            print("SKIPPED: a full disk is made with a tmpfs, which takes root and the right to mount")
            return false
        }()

        /// A file system of 2 MiB at a path, or more room for the one that is there.
        private func mount(_ path: String, _ options: String) throws {
            try files.createDirectory(atPath: path, withIntermediateDirectories: true)
            let result = try run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)
            #expect(result.status == 0, "\(result.output)")
        }

        // F28
        @Test(.enabled(if: canMount), arguments: ["meta", "log"])
        func `a full disk is said at once, the app writes on, and nothing is lost when there is room`(place: String) async throws {
            try makeDatabase()
            let path = place == "meta" ? primary.meta : primary.log
            try mount(path, "size=2m")
            defer { _ = try? run("umount", "-l", path) }
            try primary.start()
            try await primary.live()
            try await primary.shipped("SELECT count(*) FROM t")
            for _ in 0..<3 {
                let app = try primary.sql(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) INSERT INTO t(body) SELECT randomblob(3000) FROM n")
                #expect(app.status == 0, "\(app.output)")
            }
            try await primary.says("space left")
            let isStalled = try await primary.soon { try primary.status().state == "stalled" }
            let status = try primary.status()
            #expect(isStalled && status.reason.contains("space left"), "\(status)")
            let app = try primary.sql("INSERT INTO t(body) VALUES ('beside a full disk')", "PRAGMA wal_checkpoint(TRUNCATE)")
            #expect(app.status == 0, "\(app.output)")
            try mount(path, "remount,size=64m")
            try await primary.shipped("SELECT count(*), max(body) FROM t")
            try await primary.live()
            try primary.expectAllShipped()
        }

        @Test func `a store that is away for a while gets everything in order, and the WAL stays short meanwhile`() async throws {
            try makeDatabase()
            try primary.start()
            try await primary.live()
            try await primary.shipped("SELECT count(*) FROM t")
            try files.moveItem(atPath: primary.log, toPath: primary.scratch("away"))
            let app = try workload("rate", primary.database, "--seconds", "4", "--pace", "2000")
            let isStalled = try await primary.soon { try primary.status().reason.contains("mount it again") }
            let status = try primary.status()
            #expect(isStalled && status.state == "stalled", "\(status)")
            let (code, output) = app.finish()
            #expect(code == 0, "\(output)")
            #expect(json(output)["wal_bytes"] as? Int ?? .max < 20 << 20, "\(output)")
            #expect(!files.fileExists(atPath: primary.log))
            try files.moveItem(atPath: primary.scratch("away"), toPath: primary.log)
            try await primary.shipped("SELECT count(*) FROM entries")
            try await primary.live()
            let verified = try run(Programs.fantail, "verify", primary.log)
            #expect(verified.status == 0, "\(verified.output)")
            try primary.expectAllShipped()
        }

        @Test func `a store that refuses after it took files is waited for, with the reason in the status`() async throws {
            try makeDatabase()
            try primary.start()
            try await primary.shipped("SELECT count(*) FROM t")
            // A file where the directory was: no permission helps against that, not even root's.
            try files.moveItem(atPath: "\(primary.log)/ltx", toPath: primary.scratch("away"))
            #expect(files.createFile(atPath: "\(primary.log)/ltx", contents: nil))
            try primary.sql("INSERT INTO t(body) VALUES ('refused')")
            try await primary.says("the store refuses access")
            #expect(try primary.status().state == "stalled")
            #expect(primary.isRunning)
            try files.removeItem(atPath: "\(primary.log)/ltx")
            try files.moveItem(atPath: primary.scratch("away"), toPath: "\(primary.log)/ltx")
            try await primary.shipped("SELECT count(*) FROM t")
            try primary.expectAllShipped()
        }

        // F48
        @Test func `a shutdown with a dead store ends at its deadline, says so, and the next start ships the rest`() async throws {
            try makeDatabase()
            try primary.start()
            try await primary.live()
            try await primary.shipped("SELECT count(*) FROM t")
            try files.moveItem(atPath: primary.log, toPath: primary.scratch("away"))
            #expect(files.createFile(atPath: primary.log, contents: nil))
            try primary.sql("INSERT INTO t(body) VALUES ('unshipped')")
            try await primary.says("cannot ship, trying again")
            let begin = ContinuousClock.now
            #expect(primary.end() == 1)
            #expect(ContinuousClock.now - begin < .seconds(40))
            #expect(primary.said.contains("the next start ships the rest"), "\(primary.said)")
            try files.removeItem(atPath: primary.log)
            try files.moveItem(atPath: primary.scratch("away"), toPath: primary.log)
            try primary.start()
            try await primary.shipped("SELECT max(body) FROM t")
            try primary.expectAllShipped()
            #expect(primary.said.components(separatedBy: "shipping a full image").count == 2)
        }

        // Litestream's hazard 7
        @Test(arguments: [SIGKILL, SIGTERM])
        func `restarts under a live writer lose nothing`(signal: Int32) async throws {
            let seed = UInt32.random(in: 1...1_000_000)
            print("seed \(seed)")
            let journal = primary.scratch("journal")
            let app = try workload(
                "writer", primary.database, "--seconds", "8", "--pace", "150", "--seed", "\(seed)", "--journal", journal,
                "--without", "vacuum,auto_vacuum,crash,huge,checkpoint,autocheckpoint")
            for _ in 0..<4 {
                try primary.start(interval: "1s")
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...1500)))
                let status = primary.end(signal)
                if signal == SIGTERM { #expect(status == 0 || status == 128 + SIGTERM || status == SIGTERM, "\(primary.said)") }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...1000)))
            }
            try primary.start(interval: "1s")
            let (status, output) = app.finish()
            #expect(status == 0, "\(output)")
            try await primary.shipped("SELECT count(*), max(n) FROM marker")
            try primary.expectAllShipped()
            #expect(try run(Programs.fantail, "restore", primary.log, "-o", primary.scratch("out.db")).status == 0)
            let checked = try workload("check", primary.scratch("out.db"), "--journal", journal).finish()
            #expect(checked.status == 0, "\(checked.output)")
        }

        @Test(arguments: [UInt32.random(in: 1...1_000_000)])
        func `nothing piles up over fifty kills`(seed: UInt32) async throws {
            print("seed \(seed)")
            let app = try workload("writer", primary.database, "--seconds", "14", "--pace", "400", "--seed", "\(seed)")
            for _ in 0..<50 {
                try primary.start(interval: "5ms")
                try await Task.sleep(for: .milliseconds(Int.random(in: 30...250)))
                primary.end(SIGKILL)
            }
            #expect(app.finish().status == 0)
            // Old enough that no writer may be about to lock one.
            try await Task.sleep(for: .seconds(11))
            try primary.sql("INSERT INTO pairs VALUES ('last', 1, 1)")
            #expect(try run(Programs.fantail, "replicate", primary.database, primary.log, "--once").status == 0)
            #expect(PrimaryUnderTest.leftovers(primary.log) == [])
            #expect(PrimaryUnderTest.leftovers(primary.meta) == [])
            let kept = Set(try files.contentsOfDirectory(atPath: primary.meta))
            #expect(kept.subtracting(["state.json", "status.json", "checksums", "lock", "stage-0", "stage-1"]) == [])
            try primary.expectRestoreEqualsSource()
        }

        @Test(arguments: zip(["exit 3", "kill -9 $$", "no-such-program-anywhere"], [Int32(3), 137, 127]))
        func `--exec hands the app's end on, whatever it was`(command: String, expected: Int32) throws {
            try makeDatabase()
            let app = "sqlite3 '\(primary.database)' \"INSERT INTO t(body) VALUES ('last')\"; \(command)"
            let result = try run(Programs.fantail, "replicate", primary.database, primary.log, "--exec", app)
            #expect(result.status == expected, "\(result.output)")
            try primary.expectRestoreEqualsSource()
        }

        @Test(arguments: zip([SIGTERM, SIGINT], [Int32(42), 43]))
        func `--exec forwards signals to the app, and ships what it writes before it ends`(signal: Int32, expected: Int32) async throws {
            try makeDatabase()
            let script = """
                import signal, sqlite3, sys, time
                signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))
                def end(number, _):
                    app = sqlite3.connect(sys.argv[1])
                    app.execute("INSERT INTO t(body) VALUES ('at the end')")
                    app.commit()
                    sys.exit(42 if number == signal.SIGTERM else 43)
                signal.signal(signal.SIGTERM, end); signal.signal(signal.SIGINT, end)
                open(sys.argv[1] + '.ready', 'w').close()
                time.sleep(60)
                """
            try script.write(toFile: primary.scratch("app.py"), atomically: true, encoding: .utf8)
            let fantail = try Running(Programs.fantail, [
                "replicate", primary.database, primary.log, "--exec", "exec python3 '\(primary.scratch("app.py"))' '\(primary.database)'",
            ])
            #expect(try await primary.soon { files.fileExists(atPath: primary.database + ".ready") })
            fantail.signal(signal)
            let (status, output) = fantail.finish()
            #expect(status == expected, "\(output)")
            try primary.expectRestoreEqualsSource()
        }

        @Test func `--exec ends the app when fantail is fenced`() async throws {
            try makeDatabase()
            let other = primary.scratch("other.db")
            _ = try run("sqlite3", "-batch", other, "PRAGMA journal_mode = WAL; CREATE TABLE other(x)")
            let fantail = try Running(Programs.fantail, [
                "replicate", primary.database, primary.log, "--exec", "echo $$ > '\(primary.scratch("pid"))'; exec sleep 120",
            ])
            try await primary.shipped("SELECT count(*) FROM t")
            #expect(try run(Programs.fantail, "replicate", other, primary.log, "--once").status == 0)
            try primary.sql("INSERT INTO t(body) VALUES ('too late')")
            let (status, output) = fantail.finish()
            #expect(status == 1)
            #expect(output.contains("another primary wrote"), "\(output)")
            let pid = Int32(try String(contentsOfFile: primary.scratch("pid"), encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines))
            #expect(kill(try #require(pid), 0) != 0, "the app still runs")
        }
    }
}
