import ArgumentParser
import FoundationEssentials
import ObjectStore
import Replica

/// Where a log is: `file:///path`, or a plain path.
struct ReplicaURL: ExpressibleByArgument {
    /// As it was given, with a plain path made an absolute `file://` URL, so that one log has one name.
    let text: String
    private let path: String

    /// Parses the argument; what cannot be used is told by `validated`, in words of its own.
    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        if let scheme = Self.scheme(of: argument), scheme != "file" {
            (text, path) = (argument, "")
            return
        }
        if argument.hasPrefix("file://") {
            path = String(argument.dropFirst("file://".count))
        } else {
            path = argument.hasPrefix("/") ? argument : "\(FileManager.default.currentDirectoryPath)/\(argument)"
        }
        // `file://name/path` would name a host.
        guard path.hasPrefix("/") else { return nil }
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
