import ArgumentParser

/// `fantail ltx`: what is in a log, and what is in one file of it.
struct LTXCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ltx",
        abstract: "List the LTX files of a log, or show what is in one.",
        discussion: """
            EXAMPLES:
              fantail ltx file:///srv/replica
              fantail ltx /srv/replica --level 9 --json
              fantail ltx dump /srv/replica/ltx/0/0000000000000001-0000000000000001.ltx
            """,
        subcommands: [ListLTX.self, DumpLTX.self], defaultSubcommand: ListLTX.self)
}
