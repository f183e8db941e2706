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

            See it all at work on a sample database:

              fantail demo

            EXIT STATUS: 0 done; 1 failed, with one line on stderr that says why; 2 verify or ltx dump found something wrong; \
            64 wrong usage. With --exec: the app's own, or 128 plus the number of the signal that ended it.
            """,
        version: version,
        subcommands: [
            Replicate.self, Follow.self, RestoreDatabase.self, Verify.self, Status.self, LTXCommand.self, Doctor.self,
            Demo.self,
        ])

    static let version = "0.1.0"

    /// As the library has it, but for wrong usage: that is one line too.
    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            StandardError.write(UsageError.line(fullMessage(for: error)))
            exit(withError: ExitCode.validationFailure)
        }
    }
}

/// Wrong usage in one line. Pure.
enum UsageError {
    /// The first line of the library's message, and which help says more.
    static func line(_ message: String) -> String {
        let lines = message.split(separator: "\n")
        let text = lines.first.map(String.init) ?? "wrong usage"
        guard let see = lines.last(where: { $0.hasPrefix("  See '") })?.split(separator: "'"), see.count > 1 else { return text + "\n" }
        return "\(text) (see \(see[1]))\n"
    }
}
