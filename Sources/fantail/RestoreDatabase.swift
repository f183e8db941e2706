import ArgumentParser
import Follower
package import LTX
import Replica
import SQLite

/// `fantail restore`: a database file out of its log.
struct RestoreDatabase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a database file out of its log.",
        discussion: """
            The file appears under its name whole, verified and durable, or not at all.

            EXAMPLES:
              fantail restore file:///srv/replica -o app.db
              fantail restore /srv/replica -o old.db --txid 00000000000000a7
              fantail restore /srv/replica -o app.db --if-missing --integrity-check quick
            """)

    /// How thoroughly SQLite looks at the result.
    enum IntegrityCheck: String, ExpressibleByArgument, CaseIterable {
        case none, quick, full
    }

    @Argument(help: ReplicaURL.help)
    var url: ReplicaURL

    @Option(name: .shortAndLong, help: "The file to make.")
    var output: String

    @Option(help: "The state after this TXID, 16 hex digits. Default: the head of the log.")
    var txid: TXID?

    @Flag(help: "If the file exists, leave it and succeed.")
    var ifMissing = false

    @Flag(help: "If the file exists, replace it, and take its -wal, -shm and -journal away.")
    var force = false

    @Option(help: "What SQLite checks in the result: none, quick or full.")
    var integrityCheck = IntegrityCheck.none

    func validate() throws {
        if ifMissing, force { throw ValidationError("--if-missing and --force exclude each other") }
    }

    func run() async throws {
        let existing: Restore.Existing = ifMissing ? .keep : force ? .replace : .refuse
        guard let state = try await Restore(try url.replica(), to: output, target: txid, existing: existing).run()
        else { return StandardError.write("\(output) exists, left as it is\n") }
        try check()
        StandardError.write(
            "restored \(output): TXID \(state.position.txid), \(state.commit) pages of \(state.pageSize.byteCount) bytes\n")
    }

    private func check() throws {
        let pragma: String
        switch integrityCheck {
        case .none: return
        case .quick: pragma = "quick_check"
        case .full: pragma = "integrity_check"
        }
        let rows = try Connection(path: output, .readOnly).rows("PRAGMA \(pragma)")
        guard rows == [[.text("ok")]] else {
            throw ValidationError("\(output) fails \(pragma): \(rows.first?.first?.text ?? "no answer")")
        }
    }
}

extension TXID: ExpressibleByArgument {
    package init?(argument: String) { self.init(hex: argument) }
}
