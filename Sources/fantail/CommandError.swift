/// Why a command that was called rightly cannot do its work: one line on stderr, exit status 1.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
