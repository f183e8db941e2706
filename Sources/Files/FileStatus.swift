#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What the file system knows about a file.
package struct FileStatus: Hashable, Sendable {
    /// What a path leads to.
    package enum Kind: Hashable, Sendable { case file, directory, other }

    /// What it is.
    package let kind: Kind
    /// Device and inode together name a file: it is another one if either differs.
    package let device: UInt64
    /// See `device`.
    package let inode: UInt64
    /// In bytes.
    package let size: Int64
    /// When the content last changed, in nanoseconds since 1970. Programs can set it.
    package let modified: Int64
    /// When content, names or mode last changed, in nanoseconds since 1970. Nobody can set it.
    package let changed: Int64

    init(_ raw: stat) {
        kind =
            switch raw.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        device = UInt64(truncatingIfNeeded: raw.st_dev)
        inode = UInt64(truncatingIfNeeded: raw.st_ino)
        size = Int64(raw.st_size)
        #if canImport(Glibc)
        modified = nanoseconds(raw.st_mtim)
        changed = nanoseconds(raw.st_ctim)
        #else
        modified = nanoseconds(raw.st_mtimespec)
        changed = nanoseconds(raw.st_ctimespec)
        #endif
    }

    /// Whether both are the same file, not merely equal ones.
    package func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }
}

/// Saturates: a file system can hold times that nanoseconds in 64 bits cannot.
private func nanoseconds(_ time: timespec) -> Int64 {
    let (seconds, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (time.tv_sec < 0 ? .min : .max) : seconds &+ Int64(time.tv_nsec)
}
