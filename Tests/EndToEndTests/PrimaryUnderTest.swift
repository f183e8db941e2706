import Foundation
import Testing

/// All that runs real programs around a primary, one test after the other: each waits for its programs and so
/// blocks one of the few threads that tests share, and each wants the machine to itself.
@Suite(.serialized) struct PrimaryEndToEnd {}

/// A database, its log, and `fantail replicate` between the two, started and ended as a test likes.
final class PrimaryUnderTest {
    let scratch: Scratch
    let database: String
    let log: String
    private var fantail: Running?
    private var lives = 0

    init() throws {
        scratch = try Scratch()
        database = scratch("app.db")
        log = scratch("log")
    }

    var meta: String { scratch(".app.db-fantail") }

    /// Everything that fantail has logged so far, in all its lives.
    var said: String { (1...max(lives, 1)).map { (try? String(contentsOfFile: scratch("said-\($0)"), encoding: .utf8)) ?? "" }.joined() }

    /// Starts fantail; its log goes to a file, so that a test can read it while it runs.
    func start(_ options: String..., interval: String = "50ms", environment: String = "") throws {
        lives += 1
        let arguments = ([Programs.fantail, "replicate", database, log, "--sync-interval", interval] + options)
            .map { "'\($0)'" }.joined(separator: " ")
        fantail = try Running("sh", ["-c", "exec env \(environment) \(arguments) 2>'\(scratch("said-\(lives)"))'"])
    }

    /// Sends a signal and waits for the end.
    @discardableResult
    func end(_ number: Int32 = SIGTERM) -> Int32 {
        fantail?.signal(number)
        return wait()
    }

    /// Waits for fantail to end by itself.
    func wait() -> Int32 {
        defer { fantail = nil }
        return fantail?.finish().status ?? 0
    }

    var pid: Int32 { fantail?.process.processIdentifier ?? 0 }
    var isRunning: Bool { fantail?.process.isRunning ?? false }

    /// What `fantail status --json` says: its state and why.
    func status() throws -> (state: String, reason: String, position: String) {
        let text = try run(Programs.fantail, "status", database, "--json").output
        let object = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
        return (
            object["state"] as? String ?? text, object["reason"] as? String ?? "", object["position"] as? String ?? ""
        )
    }

    /// Waits for something to become true, and looks once more when time is up: where other tests keep the machine
    /// busy, the looks before may have been few.
    func soon(_ isTrue: () throws -> Bool) async throws -> Bool {
        if try await eventually(isTrue) { return true }
        return try isTrue()
    }

    /// Waits until fantail says that it follows the database.
    func live() async throws {
        let isLive = try await soon { try status().state == "live" }
        let last = try status()
        #expect(isLive, "\(last) \(said)")
    }

    /// Waits until fantail's log holds `text`.
    func says(_ text: String, times: Int = 1) async throws {
        let isSaid = try await soon { said.components(separatedBy: text).count > times }
        #expect(isSaid, "not said: \(text)\n\(said)")
    }

    /// Runs SQL in a process of its own, with SQLite's own shell.
    @discardableResult
    func sql(_ statements: String...) throws -> (status: Int32, output: String) {
        let result = try Running(
            "sqlite3", ["-batch", "-cmd", ".timeout 10000", database] + [statements.joined(separator: ";\n")]
        ).finish()
        return (result.status, result.output.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Expects that the log's head is the database, byte for byte.
    func expectRestoreEqualsSource(_ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let restored = scratch("restored-\(UUID().uuidString).db")
        let (status, output) = try run(Programs.fantail, "restore", log, "-o", restored)
        guard status == 0 else {
            Issue.record("\(comment) cannot restore: \(output)\n\(said)", sourceLocation: sourceLocation)
            return
        }
        let compared = try workload("compare", database, restored).finish()
        #expect(compared.status == 0, "\(comment) \(compared.output)\n\(said)", sourceLocation: sourceLocation)
        try FileManager.default.removeItem(atPath: restored)
    }

    /// Ends fantail in good order and expects that everything is in the log.
    func expectAllShipped(_ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let status = end()
        #expect(status == 0, "\(comment) \(said)", sourceLocation: sourceLocation)
        try expectRestoreEqualsSource(comment, sourceLocation: sourceLocation)
    }

    /// Waits until the log's head is what `query` answers on the database now.
    func shipped(_ query: String) async throws {
        let wanted = try sql(query).output
        let isThere = try await soon {
            let restored = scratch("probe-\(UUID().uuidString).db")
            defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: restored + suffix) } }
            guard try run(Programs.fantail, "restore", log, "-o", restored).status == 0 else { return false }
            let found = try run("sqlite3", "-batch", restored, query).output
            return found.trimmingCharacters(in: .whitespacesAndNewlines) == wanted
        }
        #expect(isThere, "\(query) = \(wanted) is not shipped\n\(said)")
    }

    /// The files of the log's lowest level, in order.
    func shippedFiles(_ level: Int = 0) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(log)/ltx/\(level)")) ?? [])
            .filter { $0.hasSuffix(".ltx") }.sorted()
    }

    /// The bytes of all files under a directory.
    static func byteCount(_ directory: String) -> Int {
        guard let names = FileManager.default.enumerator(atPath: directory) else { return 0 }
        return names.compactMap { $0 as? String }.reduce(0) { sum, name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            return sum + (attributes?[.type] as? FileAttributeType == .typeRegular ? attributes?[.size] as? Int ?? 0 : 0)
        }
    }

    /// The temporary files under a directory.
    static func leftovers(_ directory: String) -> [String] {
        guard let names = FileManager.default.enumerator(atPath: directory) else { return [] }
        return names.compactMap { $0 as? String }.filter { $0.contains(".fantail-tmp-") }
    }
}

/// The one line of JSON that a workload ends with.
func json(_ text: String) -> [String: Any] {
    let line = text.split(separator: "\n").last(where: { $0.hasPrefix("{") }) ?? ""
    return (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] ?? [:]
}
