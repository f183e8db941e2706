import Files

/// The copy's files, as they were when it was opened: what tells that one was deleted or swapped under us.
///
/// Then readers no longer see what is applied, and no lock keeps the two apart. Only `stat` is used: a descriptor of
/// our own would cost the process its locks when it is closed.
struct CopyFiles {
    private let path: String
    private let known: [FileStatus?]

    /// Looks at the files that SQLite has just opened.
    init(_ path: String) throws(FileError) {
        self.path = path
        known = try Self.look(path)
    }

    /// Whether they are still the ones that are open.
    func areSame() throws(FileError) -> Bool {
        zip(known, try Self.look(path)).allSatisfy { known, now in
            guard let known, let now else { return false }
            return known.isSameFile(as: now)
        }
    }

    private static func look(_ path: String) throws(FileError) -> [FileStatus?] {
        var found: [FileStatus?] = []
        for suffix in ["", "-wal", "-shm"] { found.append(try File.status(path + suffix)) }
        return found
    }
}
