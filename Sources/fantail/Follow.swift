import ArgumentParser
import Follower
import UnixSignals

/// `fantail follow`: a plain local copy, kept in step.
struct Follow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep a local copy of a database in step with its log.",
        discussion: """
            The copy is a plain SQLite file: any stock reader may open it, stay open and read while it moves, and \
            sees only states that the primary committed. Do not write to it; while fantail follows, a writer gets \
            SQLITE_BUSY, and what was written at other times is undone by a rebuild from the log. Ends on SIGTERM \
            or Ctrl-C; the copy stays readable.

            EXAMPLES:
              fantail follow file:///srv/replica copy.db
              fantail follow /srv/replica copy.db --poll-interval 100ms
              fantail follow /srv/replica copy.db --once
            """)

    @Argument(help: ReplicaURL.help, transform: ReplicaURL.parse)
    var url: ReplicaURL

    @Argument(help: "The copy. Made if it does not exist.")
    var copy: String

    @Option(help: "The pause between two looks for the next file. Default: 1s.", transform: DurationArgument.parse)
    var pollInterval = DurationArgument(argument: "1s")!

    @Flag(help: "Catch up to the head of the log, then exit.")
    var once = false

    @Flag(help: "Replace a file at the copy's path that fantail did not make.")
    var force = false

    @OptionGroup var log: LogOptions

    func run() async throws {
        let logger = log.logger()
        logger.noticeSQLiteRace()
        let follower = Follower(
            replica: try url.replica(), url: url.text, path: copy,
            options: .init(pollInterval: pollInterval.duration, once: once, force: force), logger: logger)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let following = Task { try await follower.run() }
        let ending = Task { for await _ in signals { following.cancel() } }
        defer { ending.cancel() }
        try await following.value
    }
}
