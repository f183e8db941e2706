import ArgumentParser
import Files
import Follower
import FoundationEssentials
import LTX
import Primary
import Replica

/// `fantail status`: where a copy or a primary stands.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say where a copy or a replicated database stands.",
        discussion: """
            Reads what the running fantail wrote beside the file, and asks the log for its head.

            EXAMPLES:
              fantail status copy.db
              fantail status app.db --json
            """)

    @Argument(help: "A copy, or a database that is replicated.")
    var path: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let report = try await report()
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            print(report.text)
        }
    }

    private func report() async throws -> StatusReport {
        if let copy = CopyPosition.load(path) {
            let log = await look(copy.url, after: copy.txid)
            return StatusReport(
                path: path, copy, FollowerStatus.load(path), isRunning: FollowerStatus.isFollowed(path), log,
                now: WallClock.now / 1_000_000)
        }
        if let primary = PrimaryStatus.load(database: path) {
            return StatusReport(
                path: path, primary, isRunning: PrimaryStatus.isRunning(database: path), await look(primary.url, after: nil),
                now: WallClock.now / 1_000_000)
        }
        if let status = FollowerStatus.load(path) {
            return StatusReport(path: path, cold: status, isRunning: FollowerStatus.isFollowed(path))
        }
        throw CommandError("\(path) is neither a copy nor a database that fantail keeps: nothing of its is beside it")
    }

    /// Asks the log where it ends, and how old the first commit is that comes after `position`.
    private func look(_ url: String, after position: TXID?) async -> StatusReport.Log {
        do {
            guard let url = ReplicaURL(argument: url) else { throw CommandError("\(url) is no log") }
            let replica = try url.replica()
            let head = try await replica.head()
            guard let position, let head, position < head else { return StatusReport.Log(head: head) }
            // A compacted file may have swallowed the next one: then its age is not known.
            let next = try? await commitTime(replica, position.next)
            return StatusReport.Log(head: head, nextCommit: next ?? nil)
        } catch { return StatusReport.Log(head: nil, failure: "\(error)") }
    }

    private func commitTime(_ replica: Replica, _ txid: TXID) async throws -> Int64? {
        try await replica.open(txid)?.header.timestampMilliseconds
    }
}
