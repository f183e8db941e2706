import ArgumentParser

@main
struct Fantail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Read-replica fan-out for SQLite.")
}
