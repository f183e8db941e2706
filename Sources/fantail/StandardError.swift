#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The stream for people: messages, progress, log.
enum StandardError {
    /// Writes a text in one call, so that lines of several threads do not mix.
    static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            // There is nobody left to tell if stderr cannot be written.
            #if canImport(Glibc)
            _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
            #else
            _ = unsafe Darwin.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
            #endif
        }
    }
}
