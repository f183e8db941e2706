#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The file system that a path is on.
package struct FileSystem: Hashable, Sendable {
    /// Its kind, as `mount` calls it.
    package let name: String
    /// How many bytes may still be written by whoever is not root.
    package let freeByteCount: Int64

    /// What can be expected of a kind of file system.
    package enum Nature: Hashable, Sendable {
        /// On this machine's disks, as far as is known.
        case local
        /// Gone when the machine stops.
        case memory
        /// On another machine, or made by a program: locks and shared memory may not be what they seem.
        case remote
    }

    /// A file system of this kind, with this much room.
    package init(name: String, freeByteCount: Int64) {
        self.name = name
        self.freeByteCount = freeByteCount
    }

    /// The file system that holds `path`, which must exist.
    package init(of path: String) throws(FileError) {
        var raw = statvfs()
        try systemCall(.stat, path) { unsafe statvfs(path, &raw) }
        let (free, overflow) = UInt64(raw.f_bavail).multipliedReportingOverflow(by: UInt64(raw.f_frsize))
        #if canImport(Glibc)
        // Files of /proc have no size; a megabyte is some ten thousand mounts.
        let mounts = try File("/proc/self/mountinfo", .read).read(upTo: 1 << 20, at: 0)
        let name = Self.name(of: try resolved(path), mounts: String(decoding: mounts, as: UTF8.self)) ?? "unknown"
        #else
        let name = try Self.systemName(of: path)
        #endif
        self.init(name: name, freeByteCount: overflow ? .max : Int64(clamping: free))
    }

    /// What the kind means for a database.
    package var nature: Nature {
        if ["tmpfs", "ramfs"].contains(name) { return .memory }
        return Self.remote.contains(name) || name.hasPrefix("fuse.") ? .remote : .local
    }

    private static let remote: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse", "virtiofs", "ceph", "afs", "coda", "gfs2", "ocfs2", "lustre",
        "glusterfs", "vboxsf", "drvfs", "webdav", "afpfs",
    ]

    /// The kind of the innermost mount that holds an absolute path without links; of two on one point the later.
    ///
    /// Shape of a line: ID, parent, device, root, mount point, options, optional fields, `-`, kind, …
    /// Source: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
    package static func name(of path: String, mounts: String) -> String? {
        var best: (point: String, name: String)?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields[6...].firstIndex(of: "-"), dash + 1 < fields.count else { continue }
            let point = unescaped(fields[4])
            guard point == "/" || path == point || path.hasPrefix(point + "/") else { continue }
            if point.utf8.count >= best?.point.utf8.count ?? 0 { best = (point, String(fields[dash + 1])) }
        }
        return best?.name
    }

    /// Blanks, tabs, line ends and backslashes stand as three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        return [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")].reduce(String(field)) { text, pair in
            text.split(separator: pair.0, omittingEmptySubsequences: false).joined(separator: pair.1)
        }
    }

    #if !canImport(Glibc)
    private static func systemName(of path: String) throws(FileError) -> String {
        var raw = statfs()
        try systemCall(.stat, path) { unsafe statfs(path, &raw) }
        return unsafe withUnsafeBytes(of: &raw.f_fstypename) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
    #endif
}

extension File {
    /// Whether this process may change the file at `path`, or make and remove names in the directory.
    package static func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK) == 0 }
}

/// The absolute path without links that `path` leads to.
private func resolved(_ path: String) throws(FileError) -> String {
    guard let pointer = unsafe realpath(path, nil) else { throw .last(.stat, path) }
    defer { unsafe free(pointer) }
    return unsafe String(cString: pointer)
}
