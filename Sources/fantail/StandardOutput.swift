#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The stream for results.
enum StandardOutput {
    /// Writes a text whole and at once, also into a pipe, where `print` would hold it back. False if nobody
    /// reads it any more; see `survivePipes`.
    @discardableResult
    static func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let start = unsafe bytes.baseAddress.map { unsafe $0 + written }
                #if canImport(Glibc)
                let count = unsafe Glibc.write(STDOUT_FILENO, start, bytes.count - written)
                #else
                let count = unsafe Darwin.write(STDOUT_FILENO, start, bytes.count - written)
                #endif
                guard count > 0 || errno == EINTR else { return false }
                written += max(count, 0)
            }
            return true
        }
    }

    /// Lets `write` answer false where a pipe's reader is gone, instead of ending this process on the spot: for
    /// commands that have something to clean up.
    static func survivePipes() { _ = signal(SIGPIPE, SIG_IGN) }
}
