import ArgumentParser
import Logging
import LTX
import Replica
import UnixSignals

/// `fantail demo`: everything at once, before one's eyes.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a database, its log and three copies at work.",
        discussion: """
            A small shop writes to its database some thirty times a second, a primary ships it to a directory, and \
            three followers keep copies, each at its own poll interval. Shows where each is, what it has and how \
            far it is behind, on one screen, or as a line a second where stdout is no terminal. Open the copies \
            with sqlite3 meanwhile.

            Ends after --duration, or on Ctrl-C or SIGTERM: the shop closes, the primary ships the rest, the \
            followers come to the head, and every page of every copy is compared with the shop's database. A \
            second signal ends it at once.

            position: the last TXID shipped or applied. lag: how long ago the oldest commit was made that the copy \
            lacks. miss: those of the GETs that found nothing new.

            EXAMPLES:
              fantail demo
              fantail demo --duration 10s
              fantail demo --dir shop       # keep the files; the next run goes on with them
              fantail demo --duration 5s --json
            """)

    @Option(help: "End after this time. Default: at Ctrl-C.", transform: DurationArgument.parse)
    var duration: DurationArgument?

    @Option(help: "Keep the files in this directory: a new or empty one, or one of an earlier demo, which goes on. Default: a temporary one.")
    var dir: String?

    @Flag(help: "Show nothing on the way, and print the end as one JSON object.")
    var json = false

    func run() async throws {
        // Before there is anything to clean up.
        StandardOutput.survivePipes()
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let directory = try DemoDirectory(dir)
        let screen = json ? nil : Screen()
        defer { screen?.close() }
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let listening = Task { await listen(signals, ask, screen, directory) }
        let timing = Task { [duration] in
            guard let duration else { return }
            try await Task.sleep(for: duration.duration)
            ask.yield()
        }
        defer {
            listening.cancel()
            timing.cancel()
        }
        do {
            let summary = try await perform(directory, screen, ask, asked)
            StandardOutput.write(try json ? summary.json + "\n" : "\n\(summary.text)\n" + hints(directory))
            guard summary.equal else {
                throw DemoError.different(databases: summary.differences, directory: directory.path)
            }
        } catch {
            // What differs is worth a look.
            if case DemoError.different = error { throw error }
            directory.removeUnlessKept()
            throw error
        }
        directory.removeUnlessKept()
    }

    /// Runs it all, shows it, and compares at the end.
    private func perform(
        _ directory: DemoDirectory, _ screen: Screen?, _ ask: AsyncStream<Void>.Continuation, _ asked: AsyncStream<Void>
    ) async throws -> DemoSummary {
        let messages = RecentMessages()
        let logger = screen == nil ? LogOptions.logger(.warning) : messages.logger()
        let fleet = DemoFleet(directory, logger)
        // A log that is not there yet has no head.
        let first = try? await fleet.log.head()
        try await fleet.shop.prepare()
        let meter = LogMeter(fleet.log)
        let metering = Task { await meter.run() }
        defer { metering.cancel() }
        let watch = DemoWatch(screen) { ask.yield() }
        let isSilent = json
        let begin = ContinuousClock.now
        let watching = Task { [duration] in
            guard !isSilent else { return }
            await watch.run { DemoSampler(directory, fleet, meter, messages, duration: duration?.duration) }
        }
        do {
            let head = try await fleet.run(until: asked) { watch.enter($0) }
            let elapsed = ContinuousClock.now - begin
            let summary = try await DemoSummary.compare(directory, fleet, head: head, from: first, elapsed: elapsed)
            watch.enter(.ended)
            watch.stop()
            await watching.value
            screen?.close()
            return summary
        } catch {
            watch.stop()
            await watching.value
            throw error
        }
    }

    /// The first signal asks for the end, the second does not ask.
    private func listen(
        _ signals: UnixSignalsSequence, _ ask: AsyncStream<Void>.Continuation, _ screen: Screen?,
        _ directory: DemoDirectory
    ) async {
        var isAsked = false
        for await _ in signals {
            ask.yield()
            if isAsked {
                screen?.close()
                directory.removeUnlessKept()
                Self.exit(withError: ExitCode(1))
            }
            isAsked = true
        }
    }

    private func hints(_ directory: DemoDirectory) -> String {
        guard directory.isKept else { return "" }
        let path = directory.path
        return """

            the files are in \(path); try
              sqlite3 \(path)/copy-1.db 'SELECT name, stock FROM products'
              fantail verify \(path)/log \(path)/copy-1.db
              fantail status \(path)/copy-1.db
              fantail demo --dir \(path)

            """
    }
}
