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

    /// What is told, as JSON has it.
    private struct Report: Encodable {
        let path: String
        let role: String
        let url: String
        /// The last TXID that is in the copy, or that the primary shipped; 16 hex digits.
        let position: String?
        /// The last TXID of the log.
        let head: String?
        let state: String
        let reason: String?
    }

    func run() async throws {
        let report = try await report()
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return print(String(decoding: try encoder.encode(report), as: UTF8.self))
        }
        print("\(report.path): \(report.role), \(report.state)\(report.reason.map { " (\($0))" } ?? "")")
        print("position \(report.position ?? "none"), head \(report.head ?? "none"), log \(report.url)")
    }

    private func report() async throws -> Report {
        if let copy = CopyPosition.load(path) {
            let head = try await head(copy.url)
            let state = head.map { copy.txid == $0 ? "live" : copy.txid < $0 ? "catching up" : "diverged" } ?? "stalled"
            return Report(
                path: path, role: "copy", url: copy.url, position: "\(copy.txid)", head: head?.description,
                state: state, reason: head == nil ? "the log is empty" : nil)
        }
        if let primary = PrimaryStatus.load(database: path) {
            return Report(
                path: path, role: "primary", url: primary.url, position: primary.txid,
                head: try await head(primary.url)?.description, state: primary.state, reason: primary.reason)
        }
        throw ValidationError("\(path) is neither a copy nor a database that fantail keeps: nothing of its is beside it")
    }

    private func head(_ url: String) async throws -> TXID? {
        guard let url = ReplicaURL(argument: url) else { return nil }
        return try await url.replica().head()
    }
}
