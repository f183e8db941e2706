#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Blocks the calling thread for a moment: for the threads that work with SQLite, never for tasks.
package func pause(_ duration: Duration = .milliseconds(1)) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    _ = unsafe nanosleep(&time, nil)
}
