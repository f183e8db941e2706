package import LTX

/// How a log's files are named on a store, as Litestream names them there.
package enum LogLayout: Hashable, Sendable {
    /// `ltx/<level in decimal>/<min>-<max>.ltx`: on directories, SFTP and Azure.
    case directory

    /// What the keys of all levels begin with.
    package var prefix: String {
        switch self {
        case .directory: "ltx/"
        }
    }

    /// What the keys of one level begin with.
    package func prefix(_ level: Level) -> String {
        switch self {
        case .directory: "ltx/\(level.rawValue)/"
        }
    }

    /// The key of a file.
    package func key(_ level: Level, _ name: LTXFileName) -> String { prefix(level) + name.description }

    /// The file that a key names, or nil for what is no file of the log: that is left alone.
    package func parse(_ key: String) -> (level: Level, name: LTXFileName)? {
        let parts = key.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard key.hasPrefix(prefix), parts.count == 2, let number = Int(parts[0]), let level = Level(rawValue: number),
            let name = LTXFileName(parsing: parts[1]), self.key(level, name) == key
        else { return nil }
        return (level, name)
    }
}
