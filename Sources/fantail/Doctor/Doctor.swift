import ArgumentParser
import Files
import ObjectStore
import Replica

/// `fantail doctor`: is everything there that Fantail needs?
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check this machine, a database and a store, and say what to do.",
        discussion: """
            Without arguments, looks at the libraries and at the limits of this machine. With DB also at that \
            database: by SQLite alone, and without changing it. With URL also at that store: puts, reads and \
            deletes an object that no log knows. Exits with 1 if anything fails; warnings do not count.

            EXAMPLES:
              fantail doctor
              fantail doctor app.db file:///srv/replica
              fantail doctor app.db --json
            """)

    @Argument(help: "A database that is or shall be replicated.")
    var db: String?

    @Argument(help: ReplicaURL.help, transform: ReplicaURL.parse)
    var url: ReplicaURL?

    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func validate() throws {
        // A URL alone is one, whatever its place among the arguments.
        guard let only = db, only.contains("://") else { return }
        guard url == nil else { throw ValidationError("the database comes first, then the URL") }
        (db, url) = (nil, try ReplicaURL.parse(only))
    }

    func run() async throws {
        var checks = MachineFacts.gather().checks
        if let db { checks += DatabaseFacts.gather(db).checks }
        if let url { checks += await Self.look(at: url) }
        let report = DoctorReport(checks)
        print(json ? try report.json() : report.text(colored: Terminal.wantsColor))
        if report.failures > 0 { throw ExitCode(1) }
    }

    private static func look(at url: ReplicaURL) async -> [Check] {
        do {
            let replica = try url.replica()
            var checks: [Check] = []
            if let store = replica.store as? DirectoryStore {
                let facts = DirectoryFacts.gather(store.root)
                checks = facts.checks
                guard facts.canBeTried else { return checks }
            }
            checks += await StoreChecks(replica.store).run()
            return checks + [await StoreChecks.log(replica)]
        } catch {
            return [.failure("store", "\(error)")]
        }
    }
}
