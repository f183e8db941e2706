import Foundation
import Testing

/// `fantail restore` as a person meets it.
@Suite struct RestoreCommandTests {
    @Test func `directories on the way are made, and a check changes no byte`() throws {
        let scratch = try Scratch()
        try replicate(scratch)
        #expect(try run(Programs.fantail, "restore", scratch("log"), "-o", scratch("a/b/out.db")).status == 0)
        let checked = try run(
            Programs.fantail, "restore", scratch("log"), "-o", scratch("a/checked.db"), "--integrity-check", "full")
        #expect(checked.status == 0 && checked.output.contains("restored"), "\(checked.output)")
        let plain = try Data(contentsOf: URL(filePath: scratch("a/b/out.db")))
        #expect(try Data(contentsOf: URL(filePath: scratch("a/checked.db"))) == plain)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("a")).sorted() == ["b", "checked.db"])
    }

    @Test func `a quiet restore says nothing`() throws {
        let scratch = try Scratch()
        try replicate(scratch)
        let result = try run(Programs.fantail, "restore", scratch("log"), "-o", scratch("out.db"), "--quiet")
        #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
    }

    @Test(arguments: ["quick", "full"])
    func `a database that SQLite finds damaged is not put there`(check: String) throws {
        let scratch = try Scratch()
        try replicate(scratch) { path in
            // The page of the table, damaged while nobody has the database open: its cells point out of it.
            var bytes = try Data(contentsOf: URL(filePath: path))
            bytes.replaceSubrange(4096 + 3..<4096 + 12, with: Data(repeating: 0x7F, count: 9))
            try bytes.write(to: URL(filePath: path))
        }
        let result = try run(
            Programs.fantail, "restore", scratch("log"), "-o", scratch("out.db"), "--integrity-check", check)
        #expect(result.status == 1 && result.output.contains("nothing was put at"), "\(result.output)")
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path).filter { $0.hasPrefix("out.db") }
        #expect(left.isEmpty)
        #expect(try run(Programs.fantail, "restore", scratch("log"), "-o", scratch("out.db")).status == 0)
    }

    @Test func `wrong usage is one line with status 64`() throws {
        let scratch = try Scratch()
        let cases = [
            ["restore", "file://host/x", "-o", scratch("x")], ["restore", scratch("log")],
            ["restore", scratch("log"), "-o", "x", "--txid", "zz"], ["restore", "/x", "-o", "y", "--force", "--if-missing"],
            ["follow", "/x", "y", "--poll-interval", "5"], ["ltx", "/x", "--level", "x"], ["ltx"], ["nonsense"],
            ["replicate", "app.db"], ["doctor", "a", "b", "c"], ["restore", "/x", "-o", "y", "--integrity-check", "some"],
        ]
        for arguments in cases {
            let result = try Running(Programs.fantail, arguments).finish()
            let lines = result.output.split(separator: "\n")
            #expect(result.status == 64 && lines.count == 1 && lines[0].hasPrefix("Error: "), "\(arguments): \(result.output)")
        }
    }

    @Test func `every command explains itself with examples`() throws {
        for command in [["replicate"], ["follow"], ["restore"], ["verify"], ["status"], ["ltx"], ["ltx", "list"], ["ltx", "dump"], ["doctor"]] {
            let result = try Running(Programs.fantail, command + ["--help"]).finish()
            #expect(result.status == 0 && result.output.contains("EXAMPLES:"), "\(command)")
        }
    }

    /// A log of a database of two pages, which `damage` may change before it is shipped.
    private func replicate(_ scratch: Scratch, damage: (String) throws -> Void = { _ in }) throws {
        let sql = "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1), (2)"
        #expect(try run("sqlite3", scratch("app.db"), sql).status == 0)
        try damage(scratch("app.db"))
        #expect(try run(Programs.fantail, "replicate", scratch("app.db"), scratch("log"), "--once").status == 0)
    }
}
