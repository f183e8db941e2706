import Files
import Foundation
import SQLite
import TestSupport
import Testing
@testable import fantail

@Suite struct DatabaseChecksTests {
    @Test func `a database in WAL mode on a local disk passes`() {
        #expect(sound().checks.allSatisfy { $0.verdict == .ok }, "\(sound().checks)")
    }

    @Test func `a database that is not there yet is a warning, a directory that is not there a failure`() {
        var facts = sound()
        (facts.kind, facts.opened) = (nil, nil)
        #expect(verdict("database", facts) == .warning)
        facts.directoryExists = false
        #expect(verdict("database", facts) == .failure)
    }

    @Test(arguments: ["delete", "memory", "off", "truncate"])
    func `any journal mode but WAL fails and the remedy names the file`(mode: String) {
        var facts = sound()
        facts.opened = .success(.init(journalMode: mode, pageByteCount: 4096, pageCount: 1))
        let check = facts.checks.first { $0.name == "journal mode" }
        #expect(check?.verdict == .failure && check?.remedy?.contains("/srv/app.db") == true)
    }

    @Test(arguments: ["nfs", "nfs4", "cifs", "fuse.sshfs", "9p", "tmpfs"])
    func `a file system that is not a local disk is a warning`(name: String) {
        var facts = sound()
        facts.fileSystem = FileSystem(name: name, freeByteCount: .max)
        #expect(verdict("file system", facts) == .warning)
    }

    @Test func `a directory or file that cannot be written fails`() {
        var facts = sound()
        facts.isDirectoryWritable = false
        #expect(verdict("directory", facts) == .failure)
        facts = sound()
        facts.isFileWritable = false
        #expect(verdict("database", facts) == .failure)
    }

    @Test func `too little room is a warning, next to none a failure`() {
        var facts = sound()
        facts.byteCount = 1_000_000_000
        facts.fileSystem = FileSystem(name: "ext4", freeByteCount: 500_000_000)
        #expect(verdict("disk space", facts) == .warning)
        facts.fileSystem = FileSystem(name: "ext4", freeByteCount: 1_000_000)
        #expect(verdict("disk space", facts) == .failure)
    }

    @Test func `a WAL that nobody empties is a warning`() {
        var facts = sound()
        facts.walByteCount = 500_000_000
        #expect(verdict("WAL", facts) == .warning)
    }

    @Test func `a real database is looked at without a change of it or of what is beside it`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("app.db")
        let app = try Connection(path: path, .create)
        try app.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)")
        let before = try snapshot(directory)
        let facts = DatabaseFacts.gather(path)
        #expect(try snapshot(directory) == before)
        #expect(try facts.opened?.get().journalMode == "wal")
        #expect(facts.checks.allSatisfy { $0.verdict != .failure }, "\(facts.checks)")
        // The app's locks and transactions are as they were.
        try app.execute("INSERT INTO t VALUES (2)")
    }

    @Test func `a database that is locked exclusively says so`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("app.db")
        let app = try Connection(path: path, .create)
        try app.execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; CREATE TABLE t(x)")
        let check = DatabaseFacts.gather(path).checks.first { $0.name == "open" }
        #expect(check?.verdict == .failure && check?.detail.contains("locking_mode=EXCLUSIVE") == true)
    }

    @Test func `a transaction that was cut off is not rolled back by a look`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("app.db")
        let app = try Connection(path: path, .create)
        try app.execute("PRAGMA cache_size=2; CREATE TABLE t(x); INSERT INTO t VALUES (1)")
        // Long enough that pages are written before the end; then what a crash would leave is copied.
        try app.execute("BEGIN; INSERT INTO t SELECT randomblob(3000) FROM json_each('[1,2,3,4,5,6,7,8,9]')")
        let crashed = directory.file("crashed.db")
        for suffix in ["", "-journal"] { try FileManager.default.copyItem(atPath: path + suffix, toPath: crashed + suffix) }
        let before = try snapshot(directory)
        let check = DatabaseFacts.gather(crashed).checks.first { $0.name == "open" }
        #expect(check?.verdict == .failure && check?.detail.contains("-journal is there") == true, "\(String(describing: check))")
        #expect(try snapshot(directory) == before)
    }

    @Test func `a file that is no database says so`() throws {
        let directory = try TemporaryDirectory()
        try Data("no database at all".utf8).write(to: URL(filePath: directory.file("app.db")))
        #expect(verdict("open", DatabaseFacts.gather(directory.file("app.db"))) == .failure)
    }

    @Test func `the mount that counts is the innermost and the last`() {
        let mounts = """
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            30 27 0:40 / /srv rw shared:1 - nfs4 server:/x rw
            31 27 0:41 / /srv/a\\040b rw - fuse.sshfs x rw
            32 30 0:42 / /srv rw - xfs /dev/b rw
            short line
            """
        #expect(FileSystem.name(of: "/srv/x", mounts: mounts) == "xfs")
        #expect(FileSystem.name(of: "/srv/a b/x", mounts: mounts) == "fuse.sshfs")
        #expect(FileSystem.name(of: "/srvx", mounts: mounts) == "ext4")
        #expect(FileSystem.name(of: "/x", mounts: "") == nil)
    }

    private func snapshot(_ directory: TemporaryDirectory) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) where !name.hasSuffix("-shm") {
            files[name] = try Data(contentsOf: URL(filePath: directory.file(name)))
        }
        return files
    }

    private func verdict(_ name: String, _ facts: DatabaseFacts) -> Check.Verdict? {
        facts.checks.first { $0.name == name }?.verdict
    }

    private func sound() -> DatabaseFacts {
        DatabaseFacts(
            path: "/srv/app.db", kind: .file, directory: "/srv", directoryExists: true, isDirectoryWritable: true,
            isFileWritable: true, fileSystem: FileSystem(name: "ext4", freeByteCount: 10_000_000_000),
            byteCount: 1_000_000, walByteCount: 4096, hasRollbackJournal: false,
            opened: .success(.init(journalMode: "wal", pageByteCount: 4096, pageCount: 244)), sharing: .success(()))
    }
}
