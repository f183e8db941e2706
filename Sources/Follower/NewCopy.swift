import Files
import LTX
import Replica
import SQLite

/// A restored database, on its way to become the copy.
///
/// Readers may open the copy the moment it is there, and whoever opens a database first must recover its WAL,
/// while all others get SQLITE_BUSY. So that has been done before: the file moves to its place with a -wal and a
/// -shm that are in use already.
struct NewCopy {
    let directory: CopyDirectory
    let url: String
    let state: DatabaseState

    /// Moves the file to `path`, in place of what is there, and opens it.
    func publish(as path: String) throws -> Copy {
        let keepsOpen = try WAL(path: directory.newPath)
        defer { extendLifetime(keepsOpen) }
        // SQLite finds -wal and -shm by their names. Whoever opened the old copy but reads it only now would find the
        // new one's, and mix both; whoever closes the old copy as its last user would delete them. So newcomers
        // are kept out of the old file from now on, and it is never without a user; those who came before have a
        // moment to find what they look for.
        let old = try? WAL(path: path)
        if let old {
            old.keepNewcomersOut()
            pause(.milliseconds(20))
        }
        guard let status = try File.status(directory.newPath) else { throw FollowerError.copyChanged(path: path) }
        try directory.claim(status)
        _ = try File.remove(path + "-journal")
        for suffix in ["-shm", "-wal", ""] { try File.rename(directory.newPath + suffix, to: path + suffix) }
        try Directory.sync(Directory.parent(of: path))
        let record = CopyRecord(
            url: url, pageSize: state.pageSize.byteCount, before: CopyRecord.Entry(state), after: nil)
        try record.save(directory.recordPath)
        let copy = try Copy(path: path, directory, record)
        copy.replaced = old
        return copy
    }
}
