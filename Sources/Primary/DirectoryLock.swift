import Files

/// Keeps a second fantail off the same database. Lets go when it goes away, and with the process in any case.
final class DirectoryLock: Sendable {
    private let file: File

    init(_ meta: MetaDirectory) throws(PrimaryError) {
        let file = try translating { () throws(FileError) in
            try Directory.create(meta.path)
            return try File(meta.lockPath, .readWriteOrCreate, permissions: 0o600)
        }
        guard try translating({ try file.tryLock() }) else { throw .alreadyRunning(path: meta.path) }
        self.file = file
    }
}
