#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Calls on directories.
package enum Directory {
    /// A name in a directory.
    package struct Entry: Hashable, Sendable {
        /// Its last path component.
        package let name: String
        /// `.other` for symbolic links too: what they lead to is not looked at.
        package let kind: FileStatus.Kind
    }

    /// The directory that `path` names an entry of: "." for a bare name.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes the names in `path` durable: those given and those taken away.
    package static func sync(_ path: String) throws(FileError) {
        // O_RDONLY is all that a directory allows, and all that fsync wants.
        try File(path, .read).sync(metadata: true)
    }

    /// Makes the directory and those above it that are not there yet; each is durable on return.
    package static func create(_ path: String) throws(FileError) {
        if let status = try File.status(path) {
            guard status.kind == .directory else {
                throw .system(operation: .create, path: path, code: ENOTDIR)
            }
            return
        }
        let above = parent(of: path)
        if above != path { try create(above) }
        do {
            try systemCall(.create, path) { unsafe mkdir(path, 0o755) }
        } catch where error.isExisting {
            // Another thread or process made it in between: then it is as good as ours.
        }
        try sync(above)
    }

    /// What is in the directory, in no order, without "." and "..".
    ///
    /// Names that are not UTF-8 are left out: nothing of ours has one.
    package static func entries(_ path: String) throws(FileError) -> [Entry] {
        guard let stream = unsafe opendir(path) else { throw .last(.list, path) }
        defer { unsafe closedir(stream) }
        var entries: [Entry] = []
        while true {
            // readdir answers nil for the end and for an error alike; only errno tells them apart.
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                if errno != 0 { throw .last(.list, path) }
                return entries
            }
            guard let name = unsafe name(of: entry), name != ".", name != ".." else { continue }
            let kind = try unsafe kind(of: entry.pointee.d_type, "\(path)/\(name)")
            entries.append(Entry(name: name, kind: kind))
        }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String? {
        unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
            unsafe tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                unsafe String(validatingCString: $0)
            }
        }
    }

    /// Some file systems do not tell the kind along with the name: then it has to be asked for.
    private static func kind(of type: UInt8, _ path: String) throws(FileError) -> FileStatus.Kind {
        switch Int(type) {
        case Int(DT_REG): return .file
        case Int(DT_DIR): return .directory
        case Int(DT_UNKNOWN):
            var raw = stat()
            try systemCall(.stat, path) { unsafe lstat(path, &raw) }
            return FileStatus(raw).kind
        default: return .other
        }
    }
}
