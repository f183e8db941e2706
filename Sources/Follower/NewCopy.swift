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
        // Whoever closes the old copy as its last user deletes its -wal and -shm, by their names: those are the new
        // copy's a moment later. With this one open nobody is the last; afterwards SQLite sees that it was moved.
        let old = try? WAL(path: path)
        defer {
            extendLifetime(keepsOpen)
            extendLifetime(old)
        }
        guard let status = try File.status(directory.newPath) else { throw FollowerError.copyChanged(path: path) }
        try directory.claim(status)
        _ = try File.remove(path + "-journal")
        for suffix in ["-shm", "-wal", ""] { try File.rename(directory.newPath + suffix, to: path + suffix) }
        try Directory.sync(Directory.parent(of: path))
        let record = CopyRecord(
            url: url, pageSize: state.pageSize.byteCount, before: CopyRecord.Entry(state), after: nil)
        try record.save(directory.recordPath)
        return try Copy(path: path, directory, record)
    }
}
