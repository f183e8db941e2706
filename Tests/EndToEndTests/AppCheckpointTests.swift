import Foundation
import Testing

extension PrimaryEndToEnd {
    /// The app's own checkpoints and readers, with fantail beside it: nobody waits because of fantail, nothing is missed.
    @Suite(.serialized) struct AppCheckpointTests {
        private let primary: PrimaryUnderTest

        init() throws { primary = try PrimaryUnderTest() }

        /// Alone and beside a flat-out writer; after small transactions and big ones.
        @Test(arguments: [
            ["--pause", "0.05"], ["--big", "--pause", "0.05"], ["--writer", "--pause", "0.05"], ["--writer", "--big"],
        ])
        func `no checkpoint of the app is busy, and none takes long`(options: [String]) async throws {
            try primary.sql("PRAGMA journal_mode = WAL", "CREATE TABLE first(x)")
            try primary.start()
            try await primary.live()
            let app = try Running(
                "python3", ["\(Programs.workloads)/checkpoints.py", primary.database, "--seconds", "4"] + options)
            let (status, output) = app.finish()
            print("checkpoints \(options): \(output)")
            #expect(status == 0, "\(output)")
            let report = json(output)
            #expect(report["busy"] as? Int == 0, "\(output)")
            #expect(report["own_busy"] as? Int == 0, "\(output)")
            #expect(report["beside_busy"] as? Int == 0, "\(output)")
            // Milliseconds on an idle machine. Beside a flat-out writer even SQLite alone takes seconds now and then,
            // as that writer's own checkpoints are in the way.
            #expect((report["worst_seconds"] as? Double ?? 99) < (options.contains("--writer") ? 8 : 2), "\(output)")
            try primary.expectAllShipped()
        }

        /// A second writer's busy timeout is ten seconds in this test; the image is of 100 MB.
        @Test func `nobody is kept out while the first image is made`() async throws {
            _ = try workload("fill", primary.database, "--megabytes", "100").finish()
            let app = try Running("python3", [
                "\(Programs.workloads)/checkpoints.py", primary.database, "--seconds", "6", "--writer", "--pause", "0.02",
            ])
            try await Task.sleep(for: .milliseconds(500))
            try primary.start()
            let (status, output) = app.finish()
            print("checkpoints at first: \(output)")
            #expect(status == 0, "\(output)")
            let report = json(output)
            #expect(report["busy"] as? Int == 0, "\(output)")
            #expect(report["own_busy"] as? Int == 0, "\(output)")
            #expect(report["beside_busy"] as? Int == 0, "\(output)")
            try primary.expectAllShipped()
        }

        // F15
        @Test func `a WAL that is rewritten to the same size is noticed`() async throws {
            try primary.sql("PRAGMA journal_mode = WAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, n)", "INSERT INTO t VALUES (1, 0)")
            try primary.start()
            try await primary.live()
            for round in 1...20 {
                try primary.sql(
                    "PRAGMA wal_autocheckpoint = 0", "PRAGMA wal_checkpoint(RESTART)", "UPDATE t SET n = \(round) WHERE id = 1")
                if round % 5 == 0 { try await primary.shipped("SELECT n FROM t") }
            }
            try primary.expectAllShipped()
        }

        // F16
        @Test func `what was checkpointed away while fantail was dead is shipped by the next start`() async throws {
            try primary.sql("PRAGMA journal_mode = WAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, body)")
            for mode in ["TRUNCATE", "RESTART", "FULL", "PASSIVE"] {
                try primary.start()
                try primary.sql("INSERT INTO t(body) VALUES ('\(mode)')")
                try await primary.shipped("SELECT count(*) FROM t")
                primary.end(SIGKILL)
                try primary.sql(
                    "INSERT INTO t(body) VALUES (randomblob(20000))", "PRAGMA wal_checkpoint(\(mode))",
                    "INSERT INTO t(body) VALUES ('in the next WAL')")
                try primary.start()
                try await primary.shipped("SELECT count(*) FROM t")
                try primary.expectAllShipped(mode)
            }
            // The rest of the log is one image and small files.
            #expect(primary.said.components(separatedBy: "shipping a full image").count == 2)
        }

        // F17, F26
        @Test(arguments: [UInt32.random(in: 1...1_000_000)])
        func `every TXID that was shipped under two writers and their checkpoints is a state they committed`(
            seed: UInt32
        ) async throws {
            print("seed \(seed)")
            try primary.start(interval: "100ms")
            let app = try workload(
                "writer", primary.database, "--seconds", "5", "--processes", "2", "--seed", "\(seed)", "--pace", "200")
            let (status, output) = app.finish()
            #expect(status == 0, "\(output)")
            try primary.expectAllShipped()
            let files = primary.shippedFiles()
            #expect(files.count > 5)
            let restored = primary.scratch("state.db")
            var checked = 0
            for name in files {
                let txid = String(name.dropLast(4).suffix(16))
                let restore = try run(Programs.fantail, "restore", primary.log, "-o", restored, "--txid", txid, "--force")
                #expect(restore.status == 0, "\(restore.output)")
                // The first file may be older than the app's schema.
                let tables = try run("sqlite3", "-batch", restored, "SELECT count(*) FROM sqlite_schema WHERE name = 'docs'").output
                guard tables.hasPrefix("1") else { continue }
                let check = try workload("check", restored).finish()
                #expect(check.status == 0, "\(txid): \(check.output)")
                checked += 1
            }
            #expect(checked > 5)
        }

        // F18
        @Test func `a database that grows by much during a checkpoint is whole in the log`() async throws {
            try primary.sql("PRAGMA journal_mode = WAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)")
            try primary.start()
            let app = try workload(
                "checkpoints", primary.database, "--count", "20", "--big", "--writer", "--seed", "18")
            #expect(app.finish().status == 0)
            let verified = try run(Programs.fantail, "verify", primary.log)
            #expect(verified.status == 0, "\(verified.output)")
            try primary.expectAllShipped()
        }

        // F19
        @Test func `an idle primary ships nothing and its disk stays as it is`() async throws {
            try primary.start()
            let app = try workload("checkpoints", primary.database, "--count", "60")
            #expect(app.finish().status == 0)
            try await primary.shipped("SELECT count(*) FROM t")
            try await Task.sleep(for: .seconds(2))
            let files = primary.shippedFiles()
            let byteCount = PrimaryUnderTest.byteCount(primary.scratch.path)
            try await Task.sleep(for: .seconds(15))
            #expect(primary.shippedFiles() == files)
            #expect(PrimaryUnderTest.byteCount(primary.scratch.path) == byteCount)
            try primary.expectAllShipped()
        }

        // F20
        @Test func `a steady writer is shipped in files no bigger than its WAL, and without snapshots`() async throws {
            try primary.sql("PRAGMA journal_mode = WAL", "CREATE TABLE t(x)")
            try primary.start(interval: "1s")
            try await primary.live()
            let before = PrimaryUnderTest.byteCount("\(primary.log)/ltx")
            let app = try workload("rate", primary.database, "--seconds", "6", "--pace", "500")
            let (status, output) = app.finish()
            #expect(status == 0, "\(output)")
            let transactions = json(output)["transactions"] as? Int ?? 0
            try primary.expectAllShipped()
            let shipped = PrimaryUnderTest.byteCount("\(primary.log)/ltx") - before
            // A transaction of this app is one frame at least.
            #expect(Double(shipped) <= 1.2 * Double(transactions * 4120), "\(shipped) bytes for \(transactions) transactions")
            #expect(primary.shippedFiles(9).isEmpty)
            #expect(primary.said.components(separatedBy: "shipping a full image").count == 2)
        }

        // F21
        @Test(arguments: [0, 1, 2])
        func `a database that shrinks is shrunk in the log`(autoVacuum: Int) async throws {
            try primary.sql(
                "PRAGMA auto_vacuum = \(autoVacuum)", "PRAGMA journal_mode = WAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, body)")
            try primary.start()
            for round in 1...8 {
                try primary.sql(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) INSERT INTO t(body) SELECT randomblob(3000) FROM n",
                    "DELETE FROM t WHERE id % \(1 + round % 3) = 0")
                try primary.sql(autoVacuum == 2 ? "PRAGMA incremental_vacuum(\(round * 20))" : "VACUUM")
                if round % 4 == 0 { try await primary.shipped("SELECT count(*), sum(id) FROM t") }
            }
            try primary.expectAllShipped()
        }

        // F24, F25
        @Test func `a long reader of the app's keeps nobody waiting, and its WAL is short again after it`() async throws {
            try primary.sql("PRAGMA journal_mode = WAL", "CREATE TABLE t(x)")
            try primary.start()
            try await primary.live()
            let fifo = primary.scratch("go")
            #expect(unsafe mkfifo(fifo, 0o600) == 0)
            let reader = try Running("sh", ["-c", """
                (echo 'BEGIN; SELECT count(*) FROM t;'; cat '\(fifo)') | sqlite3 -batch '\(primary.database)'
                """])
            try await Task.sleep(for: .milliseconds(500))
            let app = try workload("rate", primary.database, "--seconds", "5", "--pace", "1500")
            let (status, output) = app.finish()
            print("beside a long reader: \(output)")
            #expect(status == 0, "\(output)")
            try "COMMIT;".write(toFile: fifo, atomically: false, encoding: .utf8)
            #expect(reader.finish().status == 0)
            // The next writers restart the WAL; SQLite does not shorten the file, an app's TRUNCATE does.
            let after = try workload("rate", primary.database, "--seconds", "3", "--pace", "1000").finish()
            #expect(after.status == 0, "\(after.output)")
            let truncated = try primary.sql("PRAGMA wal_checkpoint(TRUNCATE)").output
            #expect(truncated == "0|0|0")
            try primary.expectAllShipped()
        }

        // F27
        @Test(arguments: [UInt32.random(in: 1...1_000_000)])
        func `connections that come and go beside another program's checkpoints break nothing`(seed: UInt32) async throws {
            print("seed \(seed)")
            try primary.start()
            let app = try workload(
                "writer", primary.database, "--seconds", "6", "--seed", "\(seed)", "--only", "insert,update,delete,reopen")
            var truncated = 0
            while app.process.isRunning {
                truncated += try primary.sql("PRAGMA wal_checkpoint(TRUNCATE)").output.hasPrefix("0") ? 1 : 0
            }
            let (status, output) = app.finish()
            #expect(status == 0, "\(output)")
            #expect(truncated > 10)
            let integrity = try primary.sql("PRAGMA integrity_check").output
            #expect(integrity == "ok")
            // SQLite's own connections are the only ones to the three files: each is open twice at most.
            let links = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(primary.pid)/fd").compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(primary.pid)/fd/\($0)")
            }
            for suffix in ["", "-wal", "-shm"] {
                #expect(links.filter { $0 == primary.database + suffix }.count <= 1, "\(links)")
            }
            try primary.expectAllShipped()
        }

        // F32
        @Test(arguments: [UInt32.random(in: 1...1_000_000)])
        func `thousands of transactions that fail leave nothing in the log but what was committed`(seed: UInt32) async throws {
            print("seed \(seed)")
            try primary.start()
            let app = try workload(
                "writer", primary.database, "--count", "2500", "--seed", "\(seed)", "--only", "failure,failure,failure,rollback,fts")
            let (status, output) = app.finish()
            #expect(status == 0, "\(output)")
            try primary.expectAllShipped()
            let verified = try run(Programs.fantail, "verify", primary.log)
            #expect(verified.status == 0, "\(verified.output)")
        }
    }
}
