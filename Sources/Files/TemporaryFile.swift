/// A file under construction: nobody looks at it until it is published, and it vanishes if it never is.
///
/// It stands in the directory of its later name, because only within one file system can a name be given
/// in one step. A process that dies leaves it behind; `isTemporary` tells such a leftover.
package struct TemporaryFile: ~Copyable, Sendable {
    /// Where to write the content.
    package let file: File

    private static let prefix = ".fantail-tmp-"

    /// Whether a file's name is that of a temporary one.
    package static func isTemporary(name: String) -> Bool { name.hasPrefix(prefix) }

    /// Removes what processes that died left in `directory`. Only for whoever has it to himself.
    package static func removeLeftovers(in directory: String) throws(FileError) {
        for entry in try Directory.entries(directory) where isTemporary(name: entry.name) {
            _ = try File.remove("\(directory)/\(entry.name)")
        }
    }

    /// Makes an empty one in `directory`.
    package init(in directory: String, permissions: UInt32 = 0o644) throws(FileError) {
        // 64 random bits: two processes never meet, and createNew would tell if they did.
        let name = TemporaryFile.prefix + String(UInt64.random(in: .min ... .max), radix: 36)
        file = try File("\(directory)/\(name)", .createNew, permissions: permissions)
        // Says that there is somebody who works on it. Where a file system has no locks it says nothing.
        _ = try? file.tryLock()
    }

    /// Whether nobody works on the file at `path` any more. One that was made just now may not be locked yet.
    package static func isAbandoned(_ path: String) -> Bool {
        guard let file = try? File(path, .read) else { return false }
        return (try? file.tryLock()) ?? false
    }

    deinit {
        // The name is gone already after a rename. Nothing can be done here about an error; what stays
        // behind is an ignored name.
        _ = try? File.remove(file.path)
    }

    /// Makes the content durable and gives it the name `path`, in place of whatever had that name.
    package consuming func publish(as path: String) throws(FileError) {
        try file.sync(metadata: true)
        try File.rename(file.path, to: path)
        try Directory.sync(Directory.parent(of: path))
    }

    /// Makes the content durable and gives it the name `path`.
    ///
    /// Errors: EEXIST if the name is taken; among any number of processes exactly one succeeds.
    package consuming func publishIfAbsent(as path: String) throws(FileError) {
        try file.sync(metadata: true)
        try File.link(file.path, to: path)
        try File.remove(file.path)
        try Directory.sync(Directory.parent(of: path))
    }
}
