#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Makes a system call that answers -1 on failure, again as long as a signal interrupts it.
@discardableResult
func systemCall<T: SignedInteger>(
    _ operation: FileOperation, _ path: String, _ call: () -> T
) throws(FileError) -> T {
    while true {
        let result = call()
        if result != -1 { return result }
        if errno != EINTR { throw .last(operation, path) }
    }
}

/// Makes the file's bytes durable, and of its metadata what reading them back takes.
func syncData(_ descriptor: Int32) -> Int32 {
    #if canImport(Glibc)
    fdatasync(descriptor)
    #else
    // fsync on a Mac stops at the drive's cache; this one goes through it.
    fcntl(descriptor, F_FULLFSYNC)
    #endif
}

/// Makes the file's bytes and all its metadata durable.
func syncAll(_ descriptor: Int32) -> Int32 {
    #if canImport(Glibc)
    fsync(descriptor)
    #else
    fcntl(descriptor, F_FULLFSYNC)
    #endif
}

/// `rename` and `link` under names that the methods of `File` do not hide.
func systemRename(_ path: String, _ target: String) -> Int32 { unsafe rename(path, target) }
func systemLink(_ path: String, _ target: String) -> Int32 { unsafe link(path, target) }
