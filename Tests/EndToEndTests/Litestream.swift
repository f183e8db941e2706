import Foundation
import Testing

/// The real Litestream, with intervals so short that a test sees what else takes hours.
struct Litestream {
    private let program: String
    private let config: String
    private let log: String

    /// Replicates `database` to `log`; `snapshot` is how often it takes one and for how long it keeps it.
    init(_ scratch: Scratch, database: String = "app.db", log: String = "log", snapshot: String = "1h") throws {
        program = try #require(Programs.litestream)
        self.log = scratch(log)
        config = scratch("\(database)-\(log).yml")
        let text = """
            levels:
              - interval: 1s
              - interval: 3s
            snapshot:
              interval: \(snapshot)
              retention: \(snapshot)
            l0-retention: 500ms
            l0-retention-check-interval: 250ms
            dbs:
              - path: \(scratch(database))
                monitor-interval: 50ms
                replica:
                  type: file
                  path: \(scratch(log))
                  sync-interval: 50ms
            """
        try Data(text.utf8).write(to: URL(filePath: config))
    }

    func replicate() throws -> Running { try Running(program, ["replicate", "-config", config]) }

    /// Stops a running one, which ships the rest.
    func stop(_ running: Running) {
        running.signal(SIGTERM)
        let (status, output) = running.finish()
        #expect(status == 0, "\(output)")
    }

    func restore(to output: String, _ more: String...) throws -> (status: Int32, output: String) {
        try Running(program, ["restore", "-o", output] + more + ["file://\(log)"]).finish()
    }

    func followingRestore(to output: String) throws -> Running {
        try Running(program, ["restore", "-f", "-follow-interval", "100ms", "-o", output, "file://\(log)"])
    }
}

/// What a test sees of a log: its files, by their names.
struct LogFiles {
    let path: String

    /// The TXIDs of the files of a level, in order.
    func names(_ level: Int) -> [ClosedRange<UInt64>] {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/ltx/\(level)")) ?? []
        return found.sorted().compactMap { name in
            let parts = name.split(whereSeparator: { "-.".contains($0) })
            guard parts.count == 3, parts[2] == "ltx", let low = UInt64(parts[0], radix: 16),
                let high = UInt64(parts[1], radix: 16), low <= high
            else { return nil }
            return low...high
        }
    }

    /// The last TXID of any level; 0 for an empty log.
    var head: UInt64 { (0...9).compactMap { names($0).map(\.upperBound).max() }.max() ?? 0 }

    /// Where the level-0 file of a TXID is.
    func captured(_ txid: UInt64) -> String { file(0, txid...txid) }

    func file(_ level: Int, _ name: ClosedRange<UInt64>) -> String {
        "\(path)/ltx/\(level)/\(hex(name.lowerBound))-\(hex(name.upperBound)).ltx"
    }
}

/// A TXID as files and options spell it.
func hex(_ txid: UInt64) -> String {
    let digits = String(txid, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

/// What `fantail status --json` says.
struct CopyStatus: Decodable {
    let state: String
    let position: String?
    let reason: String?
    let running: Bool
    let behind: UInt64?

    init(_ copy: String) throws {
        let (status, output) = try run(Programs.fantail, "status", copy, "--json")
        guard status == 0 else { throw NoStatus(output: output) }
        self = try JSONDecoder().decode(CopyStatus.self, from: Data(output.utf8))
    }

    /// The TXID that the copy is at; 0 for none.
    var txid: UInt64 { position.flatMap { UInt64($0, radix: 16) } ?? 0 }
}

/// There is nothing yet that could have a status.
struct NoStatus: Error {
    let output: String
}

/// Expects two databases to be the same, byte for byte, once their WALs are checkpointed.
func expectSame(_ source: String, _ copy: String, _ comment: String = "", at location: SourceLocation = #_sourceLocation) throws {
    let (status, output) = try workload("compare", source, copy).finish()
    #expect(status == 0, "\(comment) \(copy): \(output)", sourceLocation: location)
}

/// Runs fantail to its end and expects it to succeed; answers what it printed.
@discardableResult
func fantail(_ arguments: String..., at location: SourceLocation = #_sourceLocation) throws -> String {
    let (status, output) = try Running(Programs.fantail, arguments).finish()
    #expect(status == 0, "\(arguments): \(output)", sourceLocation: location)
    return output
}

/// Runs SQL in the stock shell.
@discardableResult
func sqlite(_ database: String, _ sql: String, at location: SourceLocation = #_sourceLocation) throws -> String {
    let (status, output) = try run("sqlite3", "-cmd", ".timeout 10000", database, sql)
    #expect(status == 0, "\(sql): \(output)", sourceLocation: location)
    return output.trimmingCharacters(in: .whitespacesAndNewlines)
}
