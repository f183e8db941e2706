import Files

/// What can keep the demo from its good end.
enum DemoError: Error {
    /// The directory holds something, and no demo made it.
    case notADemo(path: String)
    /// Another demo runs in the directory.
    case inUse(path: String)
    /// The followers did not reach the head of the log in time.
    case behind(copies: [String], head: String)
    /// Databases that are not what the log says, each with its first difference; their files are kept.
    case different(databases: [String], directory: String)
    case file(FileError)
}

extension DemoError: CustomStringConvertible {
    /// One sentence that says what happened and what to do.
    var description: String {
        switch self {
        case .notADemo(let path):
            "\(path) is not empty and holds no demo; name a new directory, or an empty one"
        case .inUse(let path): "another demo runs in \(path); end it first, or name another directory"
        case .behind(let copies, let head):
            "\(copies.joined(separator: ", ")) did not reach the head of the log, \(head), in time"
        case .different(let databases, let directory):
            "not all databases are equal: \(databases.joined(separator: "; ")). The files are in \(directory)"
        case .file(let error): error.description
        }
    }
}
