import Foundation
import Testing

@Suite struct DoctorTests {
    @Test func `doctor finds this machine fit`() throws {
        let result = try run(Programs.fantail, "doctor")
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("SQLite") && !result.output.contains("\u{1B}"))
    }

    @Test func `doctor passes a database in WAL mode and a store, and fails one in another mode`() throws {
        let scratch = try Scratch()
        _ = try run("sqlite3", scratch("app.db"), "CREATE TABLE t(x)")
        let bad = try run(Programs.fantail, "doctor", scratch("app.db"))
        #expect(bad.status == 1 && bad.output.contains("PRAGMA journal_mode=WAL"), "\(bad.output)")
        _ = try run("sqlite3", scratch("app.db"), "PRAGMA journal_mode=WAL")
        #expect(try run(Programs.fantail, "replicate", scratch("app.db"), scratch("log"), "--once").status == 0)
        let good = try run(Programs.fantail, "doctor", scratch("app.db"), "file://\(scratch("log"))", "--json")
        #expect(good.status == 0, "\(good.output)")
        let report = try #require(JSONSerialization.jsonObject(with: Data(good.output.utf8)) as? [String: Any])
        #expect(report["failures"] as? Int == 0)
        let alone = try run(Programs.fantail, "doctor", "file://\(scratch("log"))")
        #expect(alone.status == 0 && alone.output.contains("conditional put"), "\(alone.output)")
    }

    @Test func `replicate and follow name a SQLite with the WAL-reset race when they start`() throws {
        let scratch = try Scratch()
        _ = try run("sqlite3", scratch("app.db"), "PRAGMA journal_mode=WAL; CREATE TABLE t(x)")
        let doctor = try run(Programs.fantail, "doctor").output
        let primary = try run(Programs.fantail, "replicate", scratch("app.db"), scratch("log"), "--once").output
        let follower = try run(Programs.fantail, "follow", scratch("log"), scratch("copy.db"), "--once").output
        let isTold = doctor.contains("WAL-reset race")
        #expect(primary.contains("this SQLite can lose commits") == isTold, "\(primary)")
        #expect(follower.contains("this SQLite can lose commits") == isTold, "\(follower)")
    }
}
