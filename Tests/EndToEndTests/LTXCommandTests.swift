import Foundation
import Testing

/// `fantail ltx` on the logs of real primaries, and on files that someone damaged.
@Suite struct LTXCommandTests {
    @Test func `a log is listed with pages in columns and a sum`() throws {
        let scratch = try log()
        let result = try run(Programs.fantail, "ltx", scratch("log"))
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines.first == "level  min txid          max txid          pages  bytes  age")
        try #require(lines.count == 4, "\(result.output)")
        #expect(lines[1].hasPrefix("0      0000000000000001  0000000000000001      2"), "\(result.output)")
        #expect(lines[3].hasPrefix("2 files, "))
        let json = try run(Programs.fantail, "ltx", "list", scratch("log"), "--json", "--level", "0")
        let rows = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(rows.first?["pages"] as? Int == 2 && rows.first?["epoch"] is String && rows.first?["problem"] == nil)
    }

    @Test func `a damaged file is listed with a question mark and its reason`() throws {
        let scratch = try log()
        let path = scratch("log/ltx/0/0000000000000002-0000000000000002.ltx")
        let bytes = try Data(contentsOf: URL(filePath: path))
        try bytes.dropLast(3).write(to: URL(filePath: path))
        let result = try run(Programs.fantail, "ltx", scratch("log"))
        #expect(result.status == 0)
        #expect(result.output.contains("      ?") && result.output.contains("1 that cannot be read"), "\(result.output)")
        #expect(result.output.contains("ltx/0/0000000000000002-0000000000000002.ltx: "), "\(result.output)")
        let json = try run(Programs.fantail, "ltx", scratch("log"), "--json").output
        let rows = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        #expect(rows.last?["problem"] is String)
    }

    @Test(.enabled(if: Programs.hasLitestream))
    func `a log that Litestream wrote is listed`() throws {
        let scratch = try Scratch()
        _ = try run("sqlite3", scratch("app.db"), "PRAGMA journal_mode=WAL; CREATE TABLE t(x)")
        let litestream = try #require(Programs.litestream)
        #expect(try run(litestream, "replicate", "-once", scratch("app.db"), "file://\(scratch("log"))").status == 0)
        let result = try run(Programs.fantail, "ltx", "file://\(scratch("log"))")
        #expect(result.status == 0 && !result.output.contains("?"), "\(result.output)")
    }

    @Test func `one file is dumped from a path and from standard input`() throws {
        let scratch = try log()
        let path = scratch("log/ltx/0/0000000000000001-0000000000000001.ltx")
        let result = try run(Programs.fantail, "ltx", "dump", path)
        #expect(result.status == 0 && result.output.contains("verdict     sound"), "\(result.output)")
        let piped = try run("sh", "-c", "cat \(path) | \(Programs.fantail) ltx dump - --json")
        let object = try #require(JSONSerialization.jsonObject(with: Data(piped.output.utf8)) as? [String: Any])
        #expect(object["sound"] as? Bool == true && object["pageCount"] as? Int == 2)
    }

    @Test func `hostile bytes end with status 2 and the offset of what is wrong`() throws {
        let scratch = try log()
        let whole = try Data(contentsOf: URL(filePath: scratch("log/ltx/0/0000000000000001-0000000000000001.ltx")))
        var huge = whole
        huge.replaceSubrange(106..<110, with: [0xFF, 0xFF, 0xFF, 0xFF])
        let cases = [
            "empty": Data(), "short": whole.prefix(99), "cut": whole.dropLast(1), "huge": huge, "long": whole + Data([0]),
            "zeros": Data(count: 4096), "ones": Data(repeating: 0xFF, count: 4096),
        ]
        for (name, bytes) in cases {
            try bytes.write(to: URL(filePath: scratch(name)))
            let result = try run(Programs.fantail, "ltx", "dump", scratch(name))
            #expect(result.status == 2 && result.output.contains("at offset"), "\(name): \(result.output)")
        }
        #expect(try run(Programs.fantail, "ltx", "dump", scratch("nothing")).status == 1)
    }

    /// A log of two files.
    private func log() throws -> Scratch {
        let scratch = try Scratch()
        for sql in ["PRAGMA journal_mode=WAL; CREATE TABLE t(x)", "INSERT INTO t VALUES (1)"] {
            _ = try run("sqlite3", scratch("app.db"), sql)
            #expect(try run(Programs.fantail, "replicate", scratch("app.db"), scratch("log"), "--once").status == 0)
        }
        return scratch
    }
}
