package import LTX
package import ObjectStore

/// A file of the log, as a listing shows it.
package struct LogFile: Hashable, Sendable {
    /// Where in the log it stands.
    package let level: Level
    /// The TXIDs in it, by its name.
    package let name: LTXFileName
    /// In bytes.
    package let size: Int64
    /// When it was stored, by the store's clock.
    package let modified: ObjectTime

    /// A file with these properties.
    package init(level: Level, name: LTXFileName, size: Int64, modified: ObjectTime) {
        self.level = level
        self.name = name
        self.size = size
        self.modified = modified
    }
}

extension LogFile: CustomStringConvertible {
    /// Level and name, as people find it in the store.
    package var description: String { "\(level.rawValue)/\(name)" }
}

/// What was in a log when it was listed.
package struct Catalogue: Hashable, Sendable {
    /// By level, then by name.
    package let files: [LogFile]

    /// A catalogue of these files, in any order.
    package init(_ files: [LogFile]) {
        self.files = files.sorted {
            ($0.level.rawValue, $0.name.minTXID.rawValue, $0.name.maxTXID.rawValue)
                < ($1.level.rawValue, $1.name.minTXID.rawValue, $1.name.maxTXID.rawValue)
        }
    }

    /// The files of one level, by name.
    package subscript(level: Level) -> [LogFile] { files.filter { $0.level == level } }

    /// The files that can be whole: stores that are not atomic show a file empty before it is written.
    package var readable: [LogFile] { files.filter { $0.size > 0 } }

    /// The same without some files, as if they were not there.
    package func leavingOut(_ isLeftOut: (LogFile) -> Bool) -> Catalogue {
        Catalogue(files.filter { !isLeftOut($0) })
    }

    /// The highest TXID in any level; nil for an empty log.
    package var head: TXID? { readable.map(\.name.maxTXID).max() }
}
