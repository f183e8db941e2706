#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The stream for results.
enum StandardOutput {
    /// Writes a text whole and at once, also into a pipe, where `print` would hold it back.
    static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let start = unsafe bytes.baseAddress.map { unsafe $0 + written }
                #if canImport(Glibc)
                let count = unsafe Glibc.write(STDOUT_FILENO, start, bytes.count - written)
                #else
                let count = unsafe Darwin.write(STDOUT_FILENO, start, bytes.count - written)
                #endif
                // Whoever has closed the other end has asked for no more; SIGPIPE says so.
                guard count > 0 || errno == EINTR else { return }
                written += max(count, 0)
            }
        }
    }
}
