import ArgumentParser
import Files
import LTX
import Replica

/// `fantail ltx list`, or without `list`: what is in a log.
struct ListLTX: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the LTX files of a log.",
        discussion: """
            Level 0 holds what the primary captured, one TXID a file; levels 1 to 8 hold compacted ranges, level \
            9 snapshots. Pages are counted by each file's index, and the age is the header's; a file whose ends \
            cannot be read has a ? there, and stderr says why. `fantail verify` reads them whole.

            EXAMPLES:
              fantail ltx file:///srv/replica
              fantail ltx /srv/replica --level 9 --json
            """)

    @Argument(help: ReplicaURL.help, transform: ReplicaURL.parse)
    var url: ReplicaURL

    @Option(help: "One level, 0 to 9, or all.")
    var level = "all"

    @Flag(help: "Print one JSON array.")
    var json = false

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
        let listing = await LTXListing.load(replica, files)
        print(json ? try listing.json() : listing.text(now: WallClock.now / 1_000_000))
        guard !json else { return }
        for problem in listing.problems { StandardError.write("\(problem)\n") }
    }
}
