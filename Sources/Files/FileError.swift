#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a file call was about to do, in words that fit after "cannot".
package enum FileOperation: String, Hashable, Sendable {
    case open, create, read, write, truncate, sync, close, lock, stat, list, link, rename, remove, map
    case setTime = "set the time of"
}

/// A file call that failed.
package enum FileError: Error, Hashable, Sendable {
    /// The system refused; `code` is its errno.
    case system(operation: FileOperation, path: String, code: Int32)
    /// The file ends before the bytes that were asked for: `got` of `wanted` bytes at `offset`.
    case truncated(path: String, offset: Int64, wanted: Int, got: Int)

    /// The errno of a call that the system refused.
    package var code: Int32? {
        switch self {
        case .system(_, _, let code): code
        case .truncated: nil
        }
    }

    /// Whether the file, or a directory on the way to it, does not exist.
    package var isNotFound: Bool { code == ENOENT }
    /// Whether the name is taken already.
    package var isExisting: Bool { code == EEXIST }
    /// Whether there is no room: the device is full, or the quota is used up. Trying again helps once
    /// somebody has made room.
    package var isFull: Bool { code == ENOSPC || code == EDQUOT }
    /// Whether the path leads through or to something of the wrong kind. Trying again will not help.
    package var isMisplaced: Bool { code == ENOTDIR || code == EISDIR || code == ELOOP || code == ENAMETOOLONG }
    /// Whether owner, mode or mount forbid it. Trying again will not help.
    package var isDenied: Bool { code == EACCES || code == EPERM || code == EROFS }

    /// The error that `errno` holds now. Call it before anything else can change `errno`.
    static func last(_ operation: FileOperation, _ path: String) -> FileError {
        .system(operation: operation, path: path, code: errno)
    }
}

extension FileError: CustomStringConvertible {
    /// One sentence that says what happened and what to do.
    package var description: String {
        switch self {
        case .system(let operation, let path, let code):
            "cannot \(operation.rawValue) \(path): \(FileError.explain(code))"
        case .truncated(let path, let offset, let wanted, let got):
            "\(path) ends too early: \(got) of \(wanted) bytes at offset \(offset)"
        }
    }

    /// What an errno means to a person, with what to do where that is known.
    private static func explain(_ code: Int32) -> String {
        switch code {
        case ENOENT: "no such file or directory; check the path"
        case EACCES, EPERM: "permission denied; check the owner and mode of it and of the directories above it"
        case EROFS: "the file system is read-only; mount it writable or choose another place"
        case ENOSPC: "no space left on the device; make room there"
        case EDQUOT: "the disk quota is used up; make room or raise it"
        case EMFILE, ENFILE: "too many open files; raise the limit (ulimit -n)"
        case EFBIG: "too big a file for the file system or for the limit (ulimit -f)"
        case EIO: "the device failed; look at its health and at the kernel's log"
        case ENOTDIR: "a part of the path is a file, not a directory"
        case EISDIR: "it is a directory"
        case EEXIST: "it exists already"
        default: systemText(code)
        }
    }

    private static func systemText(_ code: Int32) -> String {
        // Safe: strerror answers a constant or thread-local text in every C library we build with.
        unsafe String(cString: strerror(code))
    }
}
