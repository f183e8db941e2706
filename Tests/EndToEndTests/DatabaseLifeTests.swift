import Foundation
import Testing

extension PrimaryEndToEnd {
    /// What happens to a database's files besides transactions: they are made, deleted, replaced, overwritten.
    @Suite(.serialized) struct DatabaseLifeTests {
        private let primary: PrimaryUnderTest
        private let files = FileManager.default

        init() throws { primary = try PrimaryUnderTest() }

        private func makeDatabase(_ rows: Int = 2000) throws {
            try primary.sql(
                "PRAGMA journal_mode = WAL", "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, body)",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows)) INSERT INTO t(body) SELECT hex(randomblob(50)) FROM n")
        }

        private func removeDatabase() {
            for suffix in ["", "-wal", "-shm"] { try? files.removeItem(atPath: primary.database + suffix) }
        }

        /// Another database, in WAL mode, whose WAL is in it.
        private func makeOther(_ path: String, rows: Int) throws {
            _ = try run(
                "sqlite3", "-batch", path, "PRAGMA journal_mode = WAL; CREATE TABLE other(x); CREATE TABLE t(id INTEGER PRIMARY KEY, body); "
                    + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows)) INSERT INTO t(body) SELECT hex(randomblob(60)) FROM n")
        }

        @Test func `a database may come later, empty at first, then without a WAL`() async throws {
            try primary.start()
            try await primary.says("waiting for the database to be created")
            #expect(try await eventually { try primary.status().state == "waiting" })
            #expect(files.createFile(atPath: primary.database, contents: nil))
            try await Task.sleep(for: .milliseconds(300))
            try primary.sql("CREATE TABLE t(id INTEGER PRIMARY KEY, body)", "INSERT INTO t(body) VALUES ('early')")
            try await primary.says("journal mode delete, not WAL")
            #expect(try await eventually { try primary.status().state == "stalled" })
            let reason = try primary.status().reason
            #expect(reason.contains("PRAGMA journal_mode=WAL"))
            try makeDatabase()
            try await primary.live()
            try await primary.shipped("SELECT count(*) FROM t")
            try primary.expectAllShipped()
        }

        @Test func `a database that is deleted and made anew is shipped anew`() async throws {
            try makeDatabase()
            try primary.start()
            try await primary.live()
            removeDatabase()
            try await primary.says("replaced by another file")
            try await primary.says("waiting for the database to be created")
            #expect(try await eventually { try primary.status().state == "waiting" })
            try makeDatabase(300)
            try await primary.shipped("SELECT sum(id), max(body) FROM t")
            try primary.expectAllShipped()
        }

        @Test(arguments: [true, false])
        func `a database that is replaced by rename is what is shipped from then on`(whileRunning: Bool) async throws {
            try makeDatabase()
            try primary.start()
            try await primary.live()
            try makeOther(primary.scratch("other.db"), rows: 500)
            if !whileRunning { #expect(primary.end() == 0) }
            // As restoring a backup is documented: the old WAL goes, then the new file takes the name.
            for suffix in ["-wal", "-shm"] { try? files.removeItem(atPath: primary.database + suffix) }
            #expect(unsafe rename(primary.scratch("other.db"), primary.database) == 0)
            if whileRunning {
                try await primary.says("starting over")
            } else {
                try primary.start()
                try await primary.says("another file than before")
            }
            try primary.sql("INSERT INTO t(body) VALUES ('after')")
            try await primary.shipped("SELECT sum(id), max(body) FROM t")
            try primary.expectAllShipped()
        }

        /// With the old -wal, all of which is in the database, left in place and without.
        @Test(arguments: [true, false], [true, false])
        func `a backup that is copied over the database is noticed`(keepsWAL: Bool, whileRunning: Bool) async throws {
            try makeDatabase()
            try makeOther(primary.scratch("other.db"), rows: 700)
            try primary.start()
            try await primary.live()
            try primary.sql("INSERT INTO t(body) VALUES ('before')")
            let checkpoint = try primary.sql("PRAGMA wal_checkpoint(FULL)").output
            #expect(checkpoint == "0|1|1")
            try await primary.shipped("SELECT count(*) FROM t")
            if !whileRunning { #expect(primary.end() == 0) }
            let backup = try Data(contentsOf: URL(fileURLWithPath: primary.scratch("other.db")))
            let target = try FileHandle(forWritingTo: URL(fileURLWithPath: primary.database))
            try target.write(contentsOf: backup)
            try target.truncate(atOffset: UInt64(backup.count))
            try target.close()
            if !keepsWAL || !whileRunning {
                for suffix in ["-wal", "-shm"] { try? files.removeItem(atPath: primary.database + suffix) }
            }
            if whileRunning { try await primary.says("behind SQLite's back") } else { try primary.start() }
            try await primary.says("compared the whole database")
            try await primary.live()
            #expect(try primary.sql("PRAGMA integrity_check").output == "ok")
            #expect(try primary.sql("SELECT count(*) FROM t").output == "700")
            try primary.sql("INSERT INTO t(body) VALUES ('after')")
            try await primary.shipped("SELECT sum(id), max(body) FROM t")
            try primary.expectAllShipped()
        }

        @Test(arguments: ["-wal", "-shm", "-wal -shm"])
        func `a WAL that is deleted while the app is away is noticed`(suffixes: String) async throws {
            try makeDatabase()
            try primary.start()
            try await primary.live()
            try primary.sql("INSERT INTO t(body) VALUES ('in the WAL')")
            try await primary.shipped("SELECT count(*) FROM t")
            for suffix in suffixes.split(separator: " ") { try files.removeItem(atPath: primary.database + suffix) }
            try await primary.says("-wal was changed behind SQLite's back")
            try await primary.says("compared the whole database")
            try primary.sql("INSERT INTO t(body) VALUES ('after')")
            try await primary.shipped("SELECT count(*), max(id) FROM t")
            try primary.expectAllShipped()
        }

        // F22
        @Test func `a database of another page size is shipped as one, and nobody changes it while fantail runs`() async throws {
            try makeDatabase()
            try primary.start()
            try await primary.live()
            // Somebody else has the database open, so SQLite itself refuses to leave WAL mode.
            let refused = try primary.sql("PRAGMA busy_timeout = 100", "PRAGMA journal_mode = DELETE").output
            #expect(refused.contains("locked"))
            try primary.sql("INSERT INTO t(body) VALUES ('still captured')")
            try await primary.shipped("SELECT count(*) FROM t")
            for size in [16384, 512, 65536] {
                #expect(primary.end() == 0)
                try primary.sql("PRAGMA journal_mode = DELETE", "PRAGMA page_size = \(size)", "VACUUM", "PRAGMA journal_mode = WAL")
                try primary.start()
                try primary.sql("INSERT INTO t(body) VALUES (\(size))")
                try await primary.shipped("SELECT count(*) FROM t")
            }
            try primary.expectAllShipped()
        }

        // F29
        @Test func `a database that is locked exclusively or left WAL mode is an explicit error, and goes on`() async throws {
            try makeDatabase()
            let fifo = primary.scratch("go")
            #expect(unsafe mkfifo(fifo, 0o600) == 0)
            let app = try Running("sh", ["-c", """
                (echo "PRAGMA locking_mode = EXCLUSIVE; INSERT INTO t(body) VALUES ('alone');"; cat '\(fifo)') | sqlite3 -batch '\(primary.database)'
                """])
            try await Task.sleep(for: .milliseconds(500))
            try primary.start()
            try await primary.says("locking_mode=EXCLUSIVE")
            #expect(try await eventually { try primary.status().state == "stalled" })
            let reason = try primary.status().reason
            #expect(reason.contains("locked"))
            try "INSERT INTO t(body) VALUES ('still alone');".write(toFile: fifo, atomically: false, encoding: .utf8)
            #expect(app.finish().status == 0)
            try await primary.live()
            try await primary.shipped("SELECT count(*) FROM t")
            #expect(primary.end() == 0)
            try primary.sql("PRAGMA journal_mode = DELETE", "INSERT INTO t(body) VALUES ('unseen')")
            try primary.start()
            try await primary.says("journal mode delete, not WAL")
            try primary.sql("PRAGMA journal_mode = WAL", "INSERT INTO t(body) VALUES ('seen')")
            try await primary.live()
            try await primary.shipped("SELECT count(*) FROM t")
            try primary.expectAllShipped()
        }

        // F30
        @Test func `what is written after a restore goes on with the TXIDs, and is restored again`() async throws {
            try makeDatabase()
            for round in 0..<3 {
                try primary.start()
                try primary.sql("INSERT INTO t(body) VALUES ('round \(round)')")
                try await primary.shipped("SELECT count(*), max(body) FROM t")
                let before = try #require(primary.shippedFiles().last)
                try primary.expectAllShipped("round \(round)")
                // The machine is lost with all that fantail kept beside the database, or without.
                removeDatabase()
                if round == 1 { try files.removeItem(atPath: primary.meta) }
                #expect(try run(Programs.fantail, "restore", primary.log, "-o", primary.database).status == 0)
                try primary.sql("INSERT INTO t(body) VALUES ('after restore \(round)')")
                #expect(try run(Programs.fantail, "replicate", primary.database, primary.log, "--once").status == 0)
                let after = try #require(primary.shippedFiles().last)
                #expect(after > before)
                try primary.expectRestoreEqualsSource("restored \(round)")
            }
        }

        // F31
        @Test func `the first TXID of a populated database of 100 MB is whole`() async throws {
            _ = try workload("fill", primary.database, "--megabytes", "100").finish()
            try primary.start()
            try primary.sql("UPDATE rows SET number = 1 WHERE id = 1")
            let isThere = try await primary.soon { primary.shippedFiles().first == "0000000000000001-0000000000000001.ltx" }
            #expect(isThere, "\(primary.said)")
            try await primary.live()
            try primary.expectAllShipped()
        }
    }
}
