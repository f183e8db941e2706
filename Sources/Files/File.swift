#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An open file: one owned descriptor, closed when the value goes away.
///
/// Reads and writes name their offset, so threads can share a `File`. Every call blocks: from async code
/// go through `Blocking.run`.
///
/// Never open a live SQLite database, its -wal or -shm with this in a process that also has a SQLite
/// connection to it: closing *any* descriptor drops all POSIX locks that the process holds on the file.
/// Source: https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
package struct File: ~Copyable, Sendable {
    /// How to open.
    package enum Mode: Hashable, Sendable {
        /// The file must exist; writes fail.
        case read
        /// The file must exist.
        case readWrite
        /// Makes the file if it is not there.
        case readWriteOrCreate
        /// Makes the file; fails with EEXIST if the name is taken.
        case createNew

        fileprivate var flags: Int32 {
            switch self {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .readWriteOrCreate: O_RDWR | O_CREAT
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            }
        }
    }

    /// As it was opened.
    package let path: String
    private let descriptor: Int32

    /// Opens `path`; a new file gets `permissions`, less the umask.
    package init(_ path: String, _ mode: Mode, permissions: UInt32 = 0o644) throws(FileError) {
        let operation: FileOperation = mode == .createNew ? .create : .open
        self.descriptor = try systemCall(operation, path) {
            unsafe open(path, mode.flags | O_CLOEXEC, mode_t(truncatingIfNeeded: permissions))
        }
        self.path = path
    }

    deinit { _ = close(descriptor) }

    /// What the file system knows about the open file, whatever its name leads to by now.
    package func status() throws(FileError) -> FileStatus {
        var raw = stat()
        try systemCall(.stat, path) { unsafe fstat(descriptor, &raw) }
        return FileStatus(raw)
    }

    /// In bytes.
    package func size() throws(FileError) -> Int64 { try status().size }

    /// Fills `buffer` from `offset` on, and says how much of it: less only where the file ends.
    package func read(into buffer: inout MutableSpan<UInt8>, at offset: Int64) throws(FileError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try systemCall(.read, path) {
                unsafe buffer.withUnsafeMutableBufferPointer { target in
                    unsafe pread(
                        descriptor, target.baseAddress.map { unsafe $0 + filled }, target.count - filled,
                        off_t(offset + Int64(filled)))
                }
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// At most `count` bytes from `offset` on: fewer only where the file ends.
    package func read(upTo count: Int, at offset: Int64) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        let filled = try read(into: &span, at: offset)
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Exactly `count` bytes from `offset` on.
    ///
    /// Errors: `.truncated` if the file ends before.
    package func readExactly(_ count: Int, at offset: Int64) throws(FileError) -> [UInt8] {
        let bytes = try read(upTo: count, at: offset)
        guard bytes.count == count else {
            throw .truncated(path: path, offset: offset, wanted: count, got: bytes.count)
        }
        return bytes
    }

    /// Writes all of `bytes` from `offset` on.
    package func write(_ bytes: Span<UInt8>, at offset: Int64) throws(FileError) {
        var written = 0
        while written < bytes.count {
            written += try systemCall(.write, path) {
                unsafe bytes.withUnsafeBufferPointer { source in
                    unsafe pwrite(
                        descriptor, source.baseAddress.map { unsafe $0 + written }, source.count - written,
                        off_t(offset + Int64(written)))
                }
            }
        }
    }

    /// Writes all of `bytes` from `offset` on.
    package func write(_ bytes: [UInt8], at offset: Int64) throws(FileError) { try write(bytes.span, at: offset) }

    /// Makes the file `size` bytes long, cutting it off or adding zeros.
    package func truncate(to size: Int64) throws(FileError) {
        try systemCall(.truncate, path) { ftruncate(descriptor, off_t(size)) }
    }

    /// Makes what was written survive a power cut. Without `metadata`, times may be older after one;
    /// the name itself needs `Directory.sync`.
    package func sync(metadata: Bool = false) throws(FileError) {
        try systemCall(.sync, path) { metadata ? syncAll(descriptor) : syncData(descriptor) }
    }

    /// Sets the time of the last change of content, in nanoseconds since 1970.
    package func setModified(_ time: Int64) throws(FileError) {
        let (seconds, rest) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        let modified = timespec(
            tv_sec: Int(rest < 0 ? seconds - 1 : seconds), tv_nsec: Int(rest < 0 ? rest + 1_000_000_000 : rest))
        let times = [modified, modified]  // of the last access, which nobody asks for, and of the last change
        try systemCall(.setTime, path) {
            unsafe times.withUnsafeBufferPointer { unsafe futimens(descriptor, $0.baseAddress) }
        }
    }

    /// Waits until no other open file of any process holds this lock, and takes it. Closing lets it go.
    ///
    /// Not the locks that SQLite takes: flock's belong to the open file, not to the process.
    package func lock() throws(FileError) {
        try systemCall(.lock, path) { flock(descriptor, LOCK_EX) }
    }

    /// Takes the lock of `lock()` if nobody holds it, else answers false at once.
    package func tryLock() throws(FileError) -> Bool {
        do {
            try systemCall(.lock, path) { flock(descriptor, LOCK_EX | LOCK_NB) }
            return true
        } catch where error.code == EWOULDBLOCK {
            return false
        }
    }
}
