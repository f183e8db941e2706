/// A file that one process at a time holds, and that says nothing but that. Let go when the value goes away, and
/// with the process in any case.
package final class LockFile: Sendable {
    private let file: File

    /// Takes the lock; nil if somebody has it.
    package init?(path: String) throws(FileError) {
        let file = try File(path, .readWriteOrCreate, permissions: 0o600)
        // Whoever only asks with `isHeld` has it for a moment.
        for _ in 0..<20 {
            if try file.tryLock() {
                self.file = file
                return
            }
            pause(.milliseconds(5))
        }
        return nil
    }

    /// Whether somebody holds the lock.
    package static func isHeld(_ path: String) -> Bool {
        guard let file = try? File(path, .read) else { return false }
        return (try? file.tryLock()) == false
    }
}
