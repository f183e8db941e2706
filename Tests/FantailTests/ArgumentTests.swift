import ArgumentParser
import Testing
@testable import fantail

/// What people may type, and what they are told if they may not.
@Suite struct ArgumentTests {
    @Test(arguments: [("250ms", 0.25), ("1s", 1), ("5m", 300), ("1.5h", 5400)])
    func `a duration is a number and a unit`(text: String, seconds: Double) {
        #expect(DurationArgument(argument: text)?.duration == .seconds(seconds))
    }

    @Test(arguments: ["", "5", "s", "0s", "-1s", "nans", "infs", "1d", "169h", "1 year"])
    func `any other duration is told what is accepted`(text: String) {
        #expect(told { try DurationArgument.parse(text) }.contains("250ms, 1s, 5m"))
    }

    @Test func `a URL with a host is refused by name`() {
        #expect(told { try ReplicaURL.parse("file://host/x") }.contains("host would be another machine"))
        #expect(told { try ReplicaURL.parse("file://x") }.contains("file:///x"))
        #expect(told { try ReplicaURL.parse("") }.contains("empty"))
    }

    @Test func `a path becomes a URL`() throws {
        #expect(try ReplicaURL.parse("/srv/log").text == "file:///srv/log")
        #expect(try ReplicaURL.parse("file:///srv/log").text == "file:///srv/log")
        #expect(try ReplicaURL.parse("log").text.hasSuffix("/log"))
    }

    @Test func `wrong usage is one line that says where help is`() {
        let message = "Error: Missing expected argument '<url>'\nHelp:  <url>\nUsage: x\n  See 'fantail ltx list --help' for more."
        #expect(UsageError.line(message) == "Error: Missing expected argument '<url>' (see fantail ltx list --help)\n")
        #expect(UsageError.line("Error: no") == "Error: no\n")
    }

    @Test func `ltx without a word lists`() throws {
        #expect(try Fantail.parseAsRoot(["ltx", "/srv/log", "--level", "0"]) is ListLTX)
        #expect(try Fantail.parseAsRoot(["ltx", "list", "/srv/log"]) is ListLTX)
        #expect(try Fantail.parseAsRoot(["ltx", "dump", "x.ltx"]) is DumpLTX)
        #expect(throws: (any Error).self) { try Fantail.parseAsRoot(["ltx", "/srv/log", "--level", "10"]) }
    }

    @Test func `doctor tells a URL from a database`() throws {
        let alone = try #require(try Fantail.parseAsRoot(["doctor", "file:///srv/log"]) as? Doctor)
        #expect(alone.db == nil && alone.url?.text == "file:///srv/log")
        let both = try #require(try Fantail.parseAsRoot(["doctor", "app.db", "/srv/log"]) as? Doctor)
        #expect(both.db == "app.db" && both.url?.text == "file:///srv/log")
        #expect(throws: (any Error).self) { try Fantail.parseAsRoot(["doctor", "file://host/log"]) }
        #expect(throws: (any Error).self) { try Fantail.parseAsRoot(["doctor", "file:///a", "file:///b"]) }
    }

    private func told<T>(_ parse: () throws -> T) -> String {
        do {
            _ = try parse()
            return "accepted"
        } catch {
            return "\(error)"
        }
    }
}
