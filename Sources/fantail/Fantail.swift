import ArgumentParser

/// The command line: one binary, one command a file.
@main
struct Fantail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fantail",
        abstract: "Read-replica fan-out for SQLite.",
        discussion: """
            A primary ships its SQLite database to object storage while the app goes on using it:

              fantail replicate app.db file:///srv/replica

            EXIT STATUS: 0 done; 1 failed, with one line on stderr that says why; 2 verify found something wrong; 64 wrong usage. With \
            --exec: the app's own, or 128 plus the number of the signal that ended it.
            """,
        version: version,
        subcommands: [
            Replicate.self, Follow.self, RestoreDatabase.self, Verify.self, Status.self, ListLTX.self, Doctor.self,
        ])

    static let version = "0.1.0"
}
