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
    private var lockPath: String { "\(path)/lock" }
    private var ownPath: String { "\(path)/follower" }

    /// Whether the copy was made by fantail, even if what it was is forgotten.
    var isOurs: Bool { (try? File.exists(ownPath)) ?? false }

    /// Notes that the copy, which is about to be made, is fantail's.
    func claim() throws(FileError) { try File.replace(ownPath, with: []) }

    /// Forgets what the copy was, so that it is made anew.
    func forgetRecord() throws(FileError) { _ = try File.remove(recordPath) }

    /// Keeps a second follower off the copy, as long as the lock lives.
    func lock(_ copy: String) throws -> FollowerLock {
        try Directory.create(path)
        let file = try File(lockPath, .readWriteOrCreate, permissions: 0o600)
        guard try file.tryLock() else { throw FollowerError.alreadyRunning(path: copy) }
        return FollowerLock(file)
    }
}

/// Held while following; let go when it goes away, and with the process in any case.
final class FollowerLock: Sendable {
    private let file: File

    init(_ file: consuming File) { self.file = file }
}
