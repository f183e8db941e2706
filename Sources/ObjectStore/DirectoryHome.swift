import Files
import Synchronization

/// Which directory a store's root is. Where a disk is unmounted, another, empty one comes to light under the same
/// name: what went on there would be a log without its beginning, out of sight as soon as the disk is back.
final class DirectoryHome: Sendable {
    private let known = Mutex<FileStatus?>(nil)

    /// Whether the root still is what it was when it was first seen; a root that is nowhere yet will be made.
    func isSame(_ root: String) throws(FileError) -> Bool {
        let status = try File.status(root)
        return known.withLock { known in
            guard let before = known else {
                known = status
                return true
            }
            return status.map { $0.isSameFile(as: before) } ?? false
        }
    }
}
