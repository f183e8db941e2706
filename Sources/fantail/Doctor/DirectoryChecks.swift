import Files

/// What a directory has to be good for before objects are put into it.
struct DirectoryFacts {
    let root: String
    var kind: FileStatus.Kind?
    /// The directory, or the nearest one above it that exists.
    var nearest: String
    var isNearestWritable: Bool
    var fileSystem: FileSystem?
    /// Nil if it was not tried.
    var hardLink: Result<Void, FileError>?

    static func gather(_ root: String) -> DirectoryFacts {
        let kind = ((try? File.status(root)) ?? nil)?.kind
        var nearest = root
        while ((try? File.exists(nearest)) ?? false) == false, nearest != "/", nearest != "." {
            nearest = Directory.parent(of: nearest)
        }
        var facts = DirectoryFacts(
            root: root, kind: kind, nearest: nearest, isNearestWritable: File.isWritable(nearest),
            fileSystem: try? FileSystem(of: nearest))
        if kind == .directory, facts.isNearestWritable {
            facts.hardLink = Result { () throws(FileError) in try link(in: root) }
        }
        return facts
    }

    private static func link(in directory: String) throws(FileError) {
        let temporary = try TemporaryFile(in: directory)
        // A name of the same kind, so that it is swept if this process dies here.
        let second = "\(temporary.file.path)-link"
        defer { _ = try? File.remove(second) }
        try File.link(temporary.file.path, to: second)
    }

    /// Whether objects may be put there to see what happens.
    var canBeTried: Bool { kind == .directory && isNearestWritable && hardLinkWorks }

    private var hardLinkWorks: Bool { if case .success = hardLink { true } else { false } }

    var checks: [Check] {
        guard isNearestWritable else {
            return [.failure("store", "\(nearest) cannot be written by this user", "change its owner or mode, or choose another place")]
        }
        switch kind {
        case nil:
            return [.warning("store", "\(root) does not exist yet", "`fantail replicate` makes it; check the path")]
                + [spaceCheck].compactMap { $0 }
        case .directory:
            return [.ok("store", "\(root), writable")] + [linkCheck, fileSystemCheck, spaceCheck].compactMap { $0 }
        case .file, .other:
            return [.failure("store", "\(root) is no directory", "name another place")]
        }
    }

    private var linkCheck: Check? {
        switch hardLink {
        case nil: nil
        case .success: .ok("hard links", "work")
        case .failure(let error):
            .failure("hard links", "\(error)", "fantail publishes files by hard links: choose a file system that has them")
        }
    }

    private var fileSystemCheck: Check? {
        guard let fileSystem else { return nil }
        guard fileSystem.nature == .memory else { return .ok("store file system", fileSystem.name) }
        return .warning("store file system", "\(fileSystem.name), in memory", "the log is gone after a restart of the machine")
    }

    private var spaceCheck: Check? {
        guard let free = fileSystem?.freeByteCount else { return nil }
        let detail = "\(free.asByteCount) free"
        // A log grows as long as the app writes: below a gigabyte somebody should know.
        guard free >= 1_000_000_000 else {
            return .warning("store space", detail, "make room: a full store stops the shipping, and the WAL grows")
        }
        return .ok("store space", detail)
    }
}
