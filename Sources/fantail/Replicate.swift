import ArgumentParser
import Follower
import Logging
import LTX
import ObjectStore
import Primary
import Replica
import UnixSignals

/// `fantail replicate`: the sidecar beside an app that uses stock SQLite.
struct Replicate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ship a database to a log, while the app goes on using it.",
        discussion: """
            Captures what the app commits, without a table or a byte in its database, and publishes it as LTX \
            files. The database must be in WAL mode; one that does not exist yet is waited for. Ends on SIGTERM \
            or Ctrl-C after shipping the rest; a second signal ends it at once, and the next start ships the rest.

            EXAMPLES:
              fantail replicate app.db file:///srv/replica
              fantail replicate app.db /srv/replica --sync-interval 250ms
              fantail replicate app.db /srv/replica --once
              fantail replicate app.db /srv/replica --exec 'python3 app.py'
            """)

    @Argument(help: "The database.")
    var db: String

    @Argument(help: ReplicaURL.help, transform: ReplicaURL.parse)
    var url: ReplicaURL

    @Option(
        help: "The least time between two files while the app keeps writing. The first change after a pause ships at once. Default: 1s.",
        transform: DurationArgument.parse)
    var syncInterval = DurationArgument(argument: "1s")!

    @Flag(help: "Ship what is committed by now, then exit.")
    var once = false

    @Flag(help: "If the database does not exist and the log has one, restore it first.")
    var restoreIfMissing = false

    @Option(name: .customLong("exec"), help: "Run the app as a child: forward signals to it, ship the rest when it ends, exit with its status.")
    var command: String?

    @OptionGroup var log: LogOptions

    func validate() throws {
        if once, command != nil { throw ValidationError("--once and --exec exclude each other") }
    }

    func run() async throws {
        let logger = log.logger()
        logger.noticeSQLiteRace()
        if restoreIfMissing { try await restore(logger) }
        let primary = Primary(
            database: db, replica: try url.replica(), url: url.text,
            options: .init(syncInterval: syncInterval.duration, waitsForDatabase: !once), logger: logger)
        if once { primary.drain() }
        // Before the app runs: a signal in between must not leave it behind.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let child = try command.map { try ChildProcess(shell: $0) }
        let status = try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask { try await primary.run(); return nil }
            if let child {
                group.addTask {
                    let status = await child.exitStatus()
                    primary.drain()
                    return status
                }
            }
            let forwarding = Task { await forward(signals, to: primary, child) }
            defer { forwarding.cancel() }
            var status: Int32?
            do {
                for try await result in group { status = result ?? status }
            } catch {
                // The app must not run on unreplicated without anybody noticing.
                await child?.terminate(within: .seconds(10))
                throw error
            }
            return status ?? 0
        }
        if status != 0 { throw ExitCode(status) }
    }

    /// An empty log is no error: then the app begins a new database.
    private func restore(_ logger: Logger) async throws {
        do {
            let progress = RestoreProgressLog(logger)
            let restore = Restore(try url.replica(), to: db, existing: .keep, progress: progress.update)
            guard let state = try await restore.run() else { return }
            logger.notice("restored the database", metadata: ["db.path": "\(db)", "txid.max": "\(state.position.txid)"])
        } catch RestoreError.replica(.empty), RestoreError.replica(.store(.rootMissing)) {
            logger.notice("nothing to restore from yet", metadata: ["db.path": "\(db)"])
        }
    }

    /// While the app runs, signals are the app's: when it ends, so do we. Else the first drains, the next ends.
    private func forward(_ signals: UnixSignalsSequence, to primary: Primary, _ child: ChildProcess?) async {
        var isDraining = false
        for await signal in signals {
            if let child, child.isRunning {
                child.send(signal)
            } else if isDraining || child != nil {
                Self.exit(withError: ExitCode(1))
            } else {
                isDraining = true
                primary.drain()
            }
        }
    }
}
