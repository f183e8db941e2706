import ArgumentParser
import FoundationEssentials
import ObjectStore
import Replica

/// Where a log is: `file:///path`, or a plain path.
struct ReplicaURL: Sendable {
    /// As it was given, with a plain path made an absolute `file://` URL, so that one log has one name.
    let text: String
    private let path: String

    /// Parses the argument; nil for what cannot be the URL of a log.
    init?(argument: String) { try? self.init(argument) }

    /// As `init(argument:)`, for arguments: refuses in words that say what is accepted.
    static func parse(_ argument: String) throws -> ReplicaURL { try ReplicaURL(argument) }

    private init(_ argument: String) throws(ValidationError) {
        guard !argument.isEmpty else { throw ValidationError("it is empty; give file:///path or a plain path") }
        if let scheme = Self.scheme(of: argument), scheme != "file" {
            (text, path) = (argument, "")
            return
        }
        if argument.hasPrefix("file://") {
            path = String(argument.dropFirst("file://".count))
        } else {
            path = argument.hasPrefix("/") ? argument : "\(FileManager.default.currentDirectoryPath)/\(argument)"
        }
        guard path.hasPrefix("/") else {
            let host = path.prefix { $0 != "/" }
            throw ValidationError(
                "\(host) would be another machine, and files are on this one; give file:///\(path) (three slashes) or a plain path")
        }
        text = "file://\(path)"
    }

    private static func scheme(of text: String) -> String? {
        text.firstRange(of: "://").map { String(text[..<$0.lowerBound]) }
    }

    static let help: ArgumentHelp = "Where the log is: file:///path (three slashes) or a plain path."

    /// The log, or an error for a kind of store that cannot be used yet.
    func replica() throws -> Replica {
        guard !path.isEmpty else {
            throw ValidationError("\(text): stores other than directories are not built yet; use file:///path")
        }
        return Replica(store: DirectoryStore(root: path))
    }
}
