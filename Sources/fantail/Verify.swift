import ArgumentParser
import Follower
import LTX
import Replica

/// `fantail verify`: is the log sound, and is a copy what the log says?
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a log, and a copy against it.",
        discussion: """
            Reads every file of the log: checksums, headers, contiguity, stamps. With COPY, compares it page by \
            page with the log's state at the copy's TXID. Exits with 2 and names what is wrong, if anything is.

            EXAMPLES:
              fantail verify file:///srv/replica
              fantail verify /srv/replica copy.db
            """)

    @Argument(help: ReplicaURL.help, transform: ReplicaURL.parse)
    var url: ReplicaURL

    @Argument(help: "A copy that `fantail follow` keeps.")
    var copy: String?

    func run() async throws {
        let replica = try url.replica()
        let report = try await LogVerifier(replica).run()
        for finding in report.findings { print(finding) }
        print("\(report.fileCount) files, \(report.pageCount) pages, \(report.byteCount) bytes"
            + (report.state.map { ", head \($0.position.txid)" } ?? ", no state can be restored"))
        guard report.findings.isEmpty else { throw ExitCode(2) }
        if let copy { try await compare(copy, replica) }
    }

    private func compare(_ copy: String, _ replica: Replica) async throws {
        guard let position = CopyPosition.load(copy) else {
            throw CommandError("\(copy) is not a copy that fantail keeps: it has no record beside it")
        }
        let pages = try await StatePages.load(replica, target: position.txid)
        let difference = try pages.firstDifference(database: copy)
        if let difference {
            print("\(copy) at \(position.txid): \(difference)")
            throw ExitCode(2)
        }
        print("\(copy) is the log's state at \(position.txid)")
    }
}
