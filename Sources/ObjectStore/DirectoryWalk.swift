import Files

/// One page of the objects in a directory and those below it, in byte order of their keys.
///
/// Memory: the names of one directory per depth, and the page.
struct DirectoryWalk {
    private let root: String
    private let prefix: String
    private let after: String
    private let limit: Int
    private var entries: [ObjectEntry] = []
    private var isComplete = true

    init(root: String, prefix: String, after: String?, limit: Int) {
        self.root = root
        self.prefix = prefix
        self.after = after ?? ""
        self.limit = limit
    }

    var page: ObjectPage { ObjectPage(entries: entries, isComplete: isComplete) }

    mutating func run() throws(FileError) { try visit("") }

    /// Visits what lies below `base`: the part that the keys there share, empty or with a slash at its end.
    private mutating func visit(_ base: String) throws(FileError) {
        for name in try names(base) {
            let key = base + name
            if name.hasSuffix("/") {
                guard mayHold(key) else { continue }
                try visit(key)
            } else if key.utf8.starts(with: prefix.utf8), after.isBefore(key) {
                try add(key)
            }
            if !isComplete { return }
        }
    }

    /// The names in a directory as keys are sorted: a slash ends the name of a directory.
    private func names(_ base: String) throws(FileError) -> [String] {
        let found: [Directory.Entry]
        do {
            found = try Directory.entries("\(root)/\(base)")
        } catch where error.isNotFound {
            return []  // Removed since the directory above was read.
        }
        // What is no valid key part (a file under construction, a control character) is no object.
        return found.compactMap { entry in
            guard (try? ObjectKey.check(entry.name)) != nil else { return nil }
            switch entry.kind {
            case .file: return entry.name
            case .directory: return entry.name + "/"
            case .other: return nil
            }
        }.sorted { $0.isBefore($1) }
    }

    /// Whether a key that begins with `base` can be in the page.
    private func mayHold(_ base: String) -> Bool {
        guard base.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: base.utf8) else { return false }
        return after.isBefore(base) || after.utf8.starts(with: base.utf8)
    }

    private mutating func add(_ key: String) throws(FileError) {
        // One that is gone by now is not listed.
        guard let status = try File.status("\(root)/\(key)"), status.kind == .file else { return }
        guard entries.count < limit else {
            isComplete = false
            return
        }
        entries.append(ObjectEntry(key: key, size: status.size, modified: ObjectTime(status)))
    }
}

extension String {
    /// The order of stores: by bytes, not by what characters mean to a person.
    fileprivate func isBefore(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

extension ObjectTime {
    /// When the file's content last changed.
    init(_ status: FileStatus) {
        let (milliseconds, rest) = status.modified.quotientAndRemainder(dividingBy: 1_000_000)
        self.init(rawValue: rest < 0 ? milliseconds - 1 : milliseconds)
    }
}
