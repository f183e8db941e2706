import Files

/// The hidden directory beside a copy in which its follower keeps its record: `.<name>-fantail/`. It also
/// says that the copy is fantail's to rebuild.
struct CopyDirectory: Sendable {
    let path: String

    init(forCopy copy: String) {
        let name = copy.split(separator: "/").last.map(String.init) ?? copy
        path = "\(Directory.parent(of: copy))/.\(name)-fantail"
    }

    var recordPath: String { "\(path)/record.json" }
    var stagePath: String { "\(path)/stage" }
    var checksumsPath: String { "\(path)/checksums" }
    var statusPath: String { "\(path)/status.json" }
    /// Where a copy is made before it is moved to its place.
    var newPath: String { "\(path)/new.db" }
    private var lockPath: String { "\(path)/lock" }
    private var ownPath: String { "\(path)/follower" }

    /// Whether the file at `copy` is the one that fantail made, whatever is in it now.
    func owns(_ copy: String) throws -> Bool {
        guard let status = try File.status(copy), try File.exists(ownPath) else { return false }
        return try File.contents(ownPath, limit: 64) == Self.claim(status)
    }

    /// Notes that a file, which is about to become the copy, is fantail's.
    func claim(_ status: FileStatus) throws(FileError) { try File.replace(ownPath, with: Self.claim(status)) }

    private static func claim(_ status: FileStatus) -> [UInt8] { Array("\(status.device):\(status.inode)\n".utf8) }

    /// Whether a follower is at work on the copy.
    var isFollowed: Bool { LockFile.isHeld(lockPath) }

    /// Keeps a second follower off the copy, as long as the lock lives.
    func lock(_ copy: String) throws -> LockFile {
        try Directory.create(path)
        guard let lock = try LockFile(path: lockPath) else { throw FollowerError.alreadyRunning(path: copy) }
        try TemporaryFile.removeLeftovers(in: path)
        return lock
    }
}
