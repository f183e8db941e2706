#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Calls that name a file instead of opening it.
extension File {
    /// What `path` leads to, or nil if nothing is there. Follows symbolic links.
    package static func status(_ path: String) throws(FileError) -> FileStatus? {
        var raw = stat()
        do {
            try systemCall(.stat, path) { unsafe stat(path, &raw) }
            return FileStatus(raw)
        } catch where error.isNotFound {
            return nil
        }
    }

    /// Whether `path` leads to anything.
    package static func exists(_ path: String) throws(FileError) -> Bool { try status(path) != nil }

    /// Takes the name away; answers false if nothing was there. Durable after `Directory.sync`.
    @discardableResult
    package static func remove(_ path: String) throws(FileError) -> Bool {
        do {
            try systemCall(.remove, path) { unsafe unlink(path) }
            return true
        } catch where error.isNotFound {
            return false
        }
    }

    /// Gives the file at `path` the name `target`, in one step and in place of whatever had that name.
    /// Durable after `Directory.sync`.
    package static func rename(_ path: String, to target: String) throws(FileError) {
        try systemCall(.rename, target) { systemRename(path, target) }
    }

    /// Gives the file at `path` the second name `target`, in one step.
    ///
    /// Errors: EEXIST if the name is taken, which makes this a create-if-absent among any number of processes.
    package static func link(_ path: String, to target: String) throws(FileError) {
        try systemCall(.link, target) { systemLink(path, target) }
    }

    /// Puts `bytes` at `path` in place of whatever is there: a reader, and a restart after a power cut,
    /// finds the old content or the new, whole. Durable on return.
    package static func replace(_ path: String, with bytes: [UInt8], permissions: UInt32 = 0o644) throws(FileError) {
        let temporary = try TemporaryFile(in: Directory.parent(of: path), permissions: permissions)
        try temporary.file.write(bytes, at: 0)
        try temporary.publish(as: path)
    }

    /// All bytes of the file at `path`.
    ///
    /// Bounded: refuses with EFBIG what is longer than `limit` bytes, before allocating.
    package static func contents(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        let file = try File(path, .read)
        let size = try file.size()
        guard size <= limit else { throw .system(operation: .read, path: path, code: EFBIG) }
        return try file.readExactly(Int(size), at: 0)
    }
}
