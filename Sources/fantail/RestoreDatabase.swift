import ArgumentParser
import Follower
import LTX
import Replica

/// `fantail restore`: a database file out of its log.
struct RestoreDatabase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a database file out of its log.",
        discussion: """
            The file appears under its name whole, verified and durable, or not at all. Directories on the way to \
            it are made. What takes long shows how far it is on stderr.

            EXAMPLES:
              fantail restore file:///srv/replica -o app.db
              fantail restore /srv/replica -o old.db --txid 00000000000000a7
              fantail restore /srv/replica -o app.db --if-missing --integrity-check quick
            """)

    @Argument(help: ReplicaURL.help, transform: ReplicaURL.parse)
    var url: ReplicaURL

    @Option(name: .shortAndLong, help: "The file to make.")
    var output: String

    @Option(
        help: "The state after this TXID, 16 hex digits. Default: the head of the log.", transform: Self.parse)
    var txid: TXID?

    @Flag(help: "If the file exists, leave it and succeed.")
    var ifMissing = false

    @Flag(help: "If the file exists, replace it, and take its -wal, -shm and -journal away.")
    var force = false

    @Option(help: "What SQLite checks in the result before it appears.")
    var integrityCheck = Restore.IntegrityCheck.none

    @Flag(name: .shortAndLong, help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        if ifMissing, force { throw ValidationError("--if-missing and --force exclude each other") }
    }

    func run() async throws {
        let existing: Restore.Existing = ifMissing ? .keep : force ? .replace : .refuse
        let display = ProgressDisplay(isTerminal: Terminal.showsProgress)
        let isQuiet = quiet
        let restore = Restore(
            try url.replica(), to: output, target: txid, existing: existing, integrityCheck: integrityCheck
        ) { progress in
            if !isQuiet { display.update(progress.doneByteCount, of: progress.totalByteCount) }
        }
        defer { display.finish() }
        let state = try await restore.run()
        display.finish()
        guard !quiet else { return }
        guard let state else { return StandardError.write("\(output) exists, left as it is\n") }
        StandardError.write(
            "restored \(output): TXID \(state.position.txid), \(state.commit) pages of \(state.pageSize.byteCount) bytes\n")
    }

    private static func parse(_ argument: String) throws -> TXID {
        guard let txid = TXID(hex: argument) else {
            throw ValidationError("give 16 hex digits, as `fantail ltx` shows them")
        }
        return txid
    }
}

extension Restore.IntegrityCheck: ExpressibleByArgument {}
