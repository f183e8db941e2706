import SQLite
import Testing
@testable import fantail

@Suite struct MachineChecksTests {
    @Test func `a sound machine passes every check`() {
        #expect(sound().checks.allSatisfy { $0.verdict == .ok })
    }

    @Test(arguments: [(3_040_001, Check.Verdict.warning), (3_032_003, .failure), (3_050_007, .ok), (3_051_003, .ok)])
    func `SQLite's version is held against the oldest and against the WAL-reset race`(
        number: Int, verdict: Check.Verdict
    ) {
        var facts = sound()
        facts.sqlite = SQLiteVersion(number: Int32(number))
        #expect(check("SQLite", facts).verdict == verdict)
    }

    @Test func `a SQLite without threads or without WAL is of no use`() {
        var facts = sound()
        facts.sqliteIsThreadSafe = false
        #expect(check("SQLite", facts).verdict == .failure)
        facts = sound()
        facts.sqliteHasWAL = false
        #expect(check("SQLite", facts).verdict == .failure)
    }

    @Test func `a curl without HTTPS fails, one without SFTP is told`() {
        var facts = sound()
        facts.curlProtocols = ["https"]
        #expect(check("libcurl", facts) == .ok("libcurl", "8.0.0, without SFTP"))
        facts.curlProtocols = ["http"]
        #expect(check("libcurl", facts).verdict == .failure)
    }

    @Test func `few file descriptors are worth a warning`() {
        var facts = sound()
        facts.openFileLimit = 64
        #expect(check("open files", facts).verdict == .warning)
        facts.openFileLimit = .max
        #expect(check("open files", facts).detail == "no limit")
    }

    @Test func `inotify without room fails, with little room warns`() {
        #expect(MachineFacts.Inotify(maxInstances: 128, maxWatches: 8192, hasRoom: false).check.verdict == .failure)
        #expect(MachineFacts.Inotify(maxInstances: 8, maxWatches: 8192, hasRoom: true).check.verdict == .warning)
    }

    @Test func `what is gathered here is what is in use`() {
        let facts = MachineFacts.gather()
        #expect(facts.sqlite == .running)
        #expect(facts.curlProtocols.contains("https"))
        #expect(facts.openSSLMajor >= 1 && facts.lz4.contains(".") && facts.openFileLimit > 0)
    }

    private func check(_ name: String, _ facts: MachineFacts) -> Check {
        facts.checks.first { $0.name == name } ?? .failure(name, "missing")
    }

    private func sound() -> MachineFacts {
        MachineFacts(
            sqlite: SQLiteVersion(number: 3_051_003), sqliteIsThreadSafe: true, sqliteHasWAL: true, curl: "8.0.0",
            curlProtocols: ["https", "sftp"], openSSL: "OpenSSL 3.0.0", openSSLMajor: 3, lz4: "1.9.4",
            openFileLimit: 1024, inotify: .init(maxInstances: 128, maxWatches: 8192, hasRoom: true))
    }
}
