import Foundation
import Testing

/// `fantail demo` as a newcomer and a script run it.
@Suite(.serialized) struct DemoTests {
    @Test func `the demo ends after its duration, with copies that equal the source`() throws {
        let (status, output) = try run(Programs.fantail, "demo", "--duration", "3s")
        #expect(status == 0, "\(output)")
        #expect(output.contains("all copies are equal to shop.db"), "\(output)")
        #expect(!output.contains("\u{1b}"), "escape codes where there is no terminal")
    }

    @Test func `the demo's summary is one JSON object`() throws {
        let (status, output) = try run(Programs.fantail, "demo", "--duration", "1s", "--json")
        #expect(status == 0, "\(output)")
        let summary = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        #expect(summary["equal"] as? Bool == true)
        #expect((summary["databases"] as? [Any])?.count == 4)
        let directory = try #require(summary["directory"] as? String)
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    @Test func `a demo's directory is kept, is sound, and is gone on with`() throws {
        let scratch = try Scratch()
        for round in 1...2 {
            let (status, output) = try run(Programs.fantail, "demo", "--duration", "2s", "--dir", scratch("shop"))
            #expect(status == 0, "\(output)")
            for copy in ["copy-1", "copy-2", "copy-3"] {
                let verified = try run(Programs.fantail, "verify", scratch("shop/log"), scratch("shop/\(copy).db"))
                #expect(verified.status == 0, "round \(round): \(verified.output)")
            }
        }
        let stock = try run("sqlite3", scratch("shop/copy-2.db"), "PRAGMA integrity_check")
        #expect(stock.output == "ok\n")
    }

    @Test func `the demo goes on after it was killed`() async throws {
        let scratch = try Scratch()
        let killed = try Running(Programs.fantail, ["demo", "--dir", scratch("shop")])
        #expect(try await eventually { FileManager.default.fileExists(atPath: scratch("shop/copy-3.db")) })
        killed.signal(SIGKILL)
        _ = killed.finish()
        let (status, output) = try run(Programs.fantail, "demo", "--duration", "1s", "--dir", scratch("shop"))
        #expect(status == 0, "\(output)")
        #expect(output.contains("all copies are equal to shop.db"), "\(output)")
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal ends the demo cleanly`(signal: Int32) async throws {
        let scratch = try Scratch()
        let demo = try Running(Programs.fantail, ["demo", "--dir", scratch("shop")])
        #expect(try await eventually { FileManager.default.fileExists(atPath: scratch("shop/copy-3.db")) })
        demo.signal(signal)
        let (status, output) = demo.finish()
        #expect(status == 0, "\(output)")
        #expect(output.contains("all copies are equal to shop.db"), "\(output)")
    }

    @Test func `a directory that no demo made is refused and left alone`() throws {
        let scratch = try Scratch()
        try Data("mine".utf8).write(to: URL(fileURLWithPath: scratch("note")))
        let (status, output) = try run(Programs.fantail, "demo", "--duration", "1s", "--dir", scratch.path)
        #expect(status == 1)
        #expect(output.contains("is not empty and holds no demo"), "\(output)")
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(left == ["note"])
    }

    @Test func `the demo ends when nobody reads what it prints`() throws {
        let command = "'\(Programs.fantail)' demo | head -n 1"
        let (status, output) = try run("timeout", "-k", "1", "20", "bash", "-o", "pipefail", "-c", command)
        #expect(status == 0, "\(output)")
    }
}
