import ArgumentParser
import Files
import FoundationEssentials
import LTX
import ObjectStore
import Replica

/// `fantail ltx`: what is in a log.
struct ListLTX: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ltx",
        abstract: "List the LTX files of a log.",
        discussion: """
            Level 0 holds what the primary captured, one TXID a file; levels 1 to 8 hold compacted ranges, level \
            9 snapshots.

            EXAMPLES:
              fantail ltx file:///srv/replica
              fantail ltx /srv/replica --level 9 --json
            """)

    @Argument(help: ReplicaURL.help)
    var url: ReplicaURL

    @Option(help: "One level, 0 to 9, or all.")
    var level = "all"

    @Flag(help: "Print one JSON array.")
    var json = false

    /// One file, as JSON has it.
    private struct Row: Encodable {
        let level: Int
        let minTXID: String
        let maxTXID: String
        let size: Int64
        let modified: Date
    }

    func validate() throws {
        guard level == "all" || Int(level).flatMap(Level.init(rawValue:)) != nil else {
            throw ValidationError("--level is a number from 0 to 9, or all")
        }
    }

    func run() async throws {
        let replica = try url.replica()
        let files =
            if let level = Int(level).flatMap(Level.init(rawValue:)) { try await replica.list(level) } else {
                try await replica.catalogue().files
            }
        if json { return print(try Self.json(files)) }
        print("level  min txid          max txid                  bytes  age")
        let now = WallClock.now / 1_000_000
        for file in files {
            let age = Duration.milliseconds(max(now - file.modified.rawValue, 0))
            let size = String(file.size)
            print(
                "\(file.level.rawValue)      \(file.name.minTXID)  \(file.name.maxTXID)  "
                    + String(repeating: " ", count: max(13 - size.count, 0)) + "\(size)  \(Self.short(age))")
        }
    }

    private static func json(_ files: [LogFile]) throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let rows = files.map {
            Row(
                level: $0.level.rawValue, minTXID: "\($0.name.minTXID)", maxTXID: "\($0.name.maxTXID)", size: $0.size,
                modified: Date(timeIntervalSince1970: Double($0.modified.rawValue) / 1000))
        }
        return String(decoding: try encoder.encode(rows), as: UTF8.self)
    }

    /// The largest unit that fits: `12s`, `5m`, `3h`, `2d`.
    private static func short(_ age: Duration) -> String {
        let seconds = age.components.seconds
        return switch seconds {
        case ..<120: "\(seconds)s"
        case ..<7200: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3600)h"
        default: "\(seconds / 86400)d"
        }
    }
}
